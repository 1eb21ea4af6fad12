import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { Raster } from "../../media/index.ts";
import type { Box } from "../../spec/index.ts";
import type { Segmenter, SegmentPrompt } from "./segmenter.ts";
import {
  boxInput,
  boxInside,
  imageHandle,
  newImage,
  rasterOf,
  rounded,
  toJson,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

const gives =
  "Finds the pixels of one thing: a tight box, its area in pixels, and a new picture with everything else white.";
const pointInput = z
  .array(z.number().min(0).max(100_000))
  .length(2)
  .describe("[x, y] in pixels of the picture");

/** The tool that finds the pixels of one thing. */
export function segmentTool(segmenter: Segmenter): VisionTool {
  return visionTool({
    name: "segment",
    description: segmenter.takesPoints
      ? `${gives} Say where it is by a box around it, or by points on it; points on what is not meant, under "beside", take that away.`
      : `${gives} The box must hold the whole thing and some of its surroundings. It goes by colour: a thing that looks like its background is found badly.`,
    input: segmenter.takesPoints
      ? z.strictObject({
          image: imageHandle,
          box: boxInput.optional(),
          points: z.array(pointInput).min(1).max(20).optional(),
          beside: z.array(pointInput).max(20).optional(),
        })
      : z.strictObject({ image: imageHandle, box: boxInput }),
    cost: "small-model",
    async run(input: { image: string; box?: number[]; points?: number[][]; beside?: number[][] }, context) {
      const { image } = input;
      const raster = await rasterOf(context, image);
      const prompt = promptOf(input, raster);
      const mask = await segmenter.segment(raster, prompt, context.signal ? { signal: context.signal } : {});
      const pixels = raster.pixels.map((value, i) => (mask[Math.floor(i / 3)] ? value : 255));
      const tight = boxOf(mask, raster.width);
      const area = mask.reduce((sum, value) => sum + value, 0);
      if (!tight) return { value: { found: false }, backend: segmenter.name };
      const cut = await newImage(image, "segment", { ...raster, pixels });
      const share = rounded(area / mask.length, 4);
      return {
        value: toJson({ found: true, image: cut.handle, box: tight, area, share }),
        images: [cut],
        backend: segmenter.name,
      };
    },
  });
}

function promptOf(
  { box, points = [], beside = [] }: { box?: number[]; points?: number[][]; beside?: number[][] },
  raster: Raster,
): SegmentPrompt {
  if ((box === undefined) === (points.length === 0))
    throw new InputError({
      where: "segment",
      rule: "needs either a box or points",
      got: box ? "both" : "neither",
    });
  if (box) return { box: boxInside(box, raster) };
  const { width, height } = raster;
  const place =
    (on: boolean) =>
    ([x, y]: number[]) => {
      if (x! < width && y! < height) return { at: [x!, y!] as const, on };
      throw new InputError({
        where: "segment",
        rule: `points must lie in the picture of ${width} x ${height} pixels`,
        got: `[${x}, ${y}]`,
      });
    };
  return { points: [...points.map(place(true)), ...beside.map(place(false))] };
}

/** The box around what is set in a mask; undefined when nothing is. */
function boxOf(mask: Uint8Array, width: number): Box | undefined {
  let [x1, y1, x2, y2] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  mask.forEach((set, i) => {
    if (!set) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    x1 = Math.min(x1, x);
    y1 = Math.min(y1, y);
    x2 = Math.max(x2, x + 1);
    y2 = Math.max(y2, y + 1);
  });
  return x2 > 0 ? [x1, y1, x2, y2] : undefined;
}
