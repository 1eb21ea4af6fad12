import { z } from "zod";
import type { Box } from "../../spec/index.ts";
import type { Segmenter } from "./grab-cut.ts";
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

/** The tool that finds the pixels of one thing. */
export function segmentTool(segmenter: Segmenter): VisionTool {
  return visionTool({
    name: "segment",
    description:
      "Finds the pixels of the thing in a box: a tight box, its area in pixels, and a new picture with everything else white. The box must hold the whole thing and some of its surroundings. It goes by colour: a thing that looks like its background is found badly.",
    input: z.strictObject({ image: imageHandle, box: boxInput }),
    cost: "small-model",
    async run({ image, box }, context) {
      const raster = await rasterOf(context, image);
      const inside = boxInside(box, raster);
      const mask = await segmenter.segment(raster, inside, context.signal ? { signal: context.signal } : {});
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
