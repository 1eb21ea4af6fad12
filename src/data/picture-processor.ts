// Pictures as the processor of a Hugging Face checkpoint makes them ready: preprocessor_config.json says to which size a
// picture is brought, by which filter, what is cut off or into parts, and how bytes become numbers. Bytes are those of Pillow
// (see `resampleImage`).
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError, SetupError } from "../errors/index.ts";
import { cropImage, type Raster, type ResampleFilter } from "../media/index.ts";
import { type Cutting, cutPicture, gridOf, type PartGrid, type Size, wholeOnly } from "./picture-parts.ts";
import { resizePicture } from "./resize-picture.ts";

/** Makes pictures ready for one checkpoint. */
export interface PictureProcessor {
  /** Side of the squares that the checkpoint sees, in pixels. */
  side: number;
  /** Pictures are seen in parts, beside the whole (`do_image_splitting`). */
  splits: boolean;
  /** The parts that a picture of this size is cut into. */
  grid(size: Size): PartGrid;
  /** A picture of any size as the squares that are seen: its parts row by row, then the whole. `where` names it in errors. */
  squares(image: Raster, where: string): Raster[];
  /** Bytes of a square, pixel by pixel, as numbers channel by channel: [3, side, side]. */
  normalise(pixels: Uint8Array, into: Float32Array): void;
}

const edge = z.number().int().positive().max(4096);
const sizeSchema = z.union([
  edge.transform((shortest_edge) => ({ shortest_edge })),
  z.object({ shortest_edge: edge, longest_edge: z.null().optional() }),
  z.object({ longest_edge: edge, shortest_edge: z.null().optional() }),
  z.object({ height: edge, width: edge }),
]);
const three = z.tuple([z.number(), z.number(), z.number()]);
const schema = z.looseObject({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.literal(true).default(true),
  size: sizeSchema,
  resample: z.number().int().optional(),
  do_center_crop: z.boolean().optional(),
  crop_size: z
    .union([edge.transform((e) => ({ height: e, width: e })), z.object({ height: edge, width: edge })])
    .optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: three.optional(),
  image_std: three.refine((std) => std.every((s) => s > 0), "must be above 0").optional(),
  do_pad: z.boolean().default(false),
  do_image_splitting: z.boolean().default(true),
  max_image_size: z.object({ longest_edge: edge }).optional(),
});
type Config = z.infer<typeof schema>;

/** Processors that are known, with the filter and the cut that each has where its file does not say. */
const families: Record<string, { resample: number; crops: boolean }> = {
  CLIP: { resample: 3, crops: true },
  Llava: { resample: 3, crops: true },
  Siglip: { resample: 3, crops: false },
  Idefics3: { resample: 1, crops: false },
  SmolVLM: { resample: 1, crops: false },
};

/** Pillow's numbers of filters. */
const filters: Record<number, ResampleFilter> = { 1: "lanczos", 2: "bilinear", 3: "bicubic" };

/**
 * Reads `preprocessor_config.json` of a folder, or the `image_processor` of its `processor_config.json`. Throws SetupError where
 * there is neither, and InputError for a processor that is not known.
 * @param options.splitting takes the place of `do_image_splitting`
 */
export async function readPictureProcessor(
  dir: string,
  { splitting }: { splitting?: boolean | undefined } = {},
): Promise<PictureProcessor> {
  const { value, where } = await readConfig(dir);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const { path: field, message } = parsed.error.issues[0]!;
    const rule = "must describe how pictures are made ready";
    throw new InputError({ where, rule, got: `${field.join(".")}: ${message}` });
  }
  const config = parsed.data;
  const named = config.image_processor_type ?? config.feature_extractor_type ?? "";
  const name = named.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, "");
  if (!Object.hasOwn(families, name)) {
    const rule = `image_processor_type must be that of ${Object.keys(families).join(", ")}`;
    throw new InputError({ where, rule, got: `"${named}"` });
  }
  const family = families[name]!;
  const filter = filters[config.resample ?? family.resample];
  const tiled = name === "Idefics3" || name === "SmolVLM";
  if (!filter) {
    const rule = "resample must be 1 (Lanczos), 2 (bilinear) or 3 (bicubic)";
    throw new InputError({ where, rule, got: `${config.resample}` });
  }
  if (config.do_pad && !tiled)
    throw new InputError({
      where,
      rule: "bars around a picture (do_pad) are not supported",
      got: "do_pad: true",
    });
  const normalise = normaliser(config, where);
  if (!tiled) {
    const crops = config.do_center_crop ?? family.crops;
    const { side, square } = croppedSquare(config, filter, { where, crops });
    return {
      ...{ side, splits: false, normalise },
      grid: () => wholeOnly,
      squares: (image, picture) => [square(image, picture)],
    };
  }
  const cutting = readCutting(config, where, { filter, splits: splitting ?? config.do_image_splitting });
  return {
    ...{ side: cutting.side, splits: cutting.splits, normalise },
    grid: (size) => gridOf(size, cutting),
    squares: (image, picture) => cutPicture(image, cutting, picture),
  };
}

/** A side, and how a picture gets it. */
interface Square {
  side: number;
  square(image: Raster, where: string): Raster;
}

/** The shorter side to a size and the middle cut out of it; or both sides to their size, whatever the shape. */
function croppedSquare(
  { size, crop_size: crop }: Config,
  filter: ResampleFilter,
  { where, crops }: { where: string; crops: boolean },
): Square {
  const short = "shortest_edge" in size && size.shortest_edge ? size.shortest_edge : undefined;
  const fixed = "height" in size ? size : undefined;
  const cut = crops ? crop : fixed;
  const fits =
    cut && cut.width <= (short ?? fixed?.width ?? 0) && cut.height <= (short ?? fixed?.height ?? 0);
  if (!fits || cut.width !== cut.height) {
    const rule = "size and crop_size must give one square, cut out of the resized picture";
    throw new InputError({
      where,
      rule,
      got: JSON.stringify({ size, crop_size: crop, do_center_crop: crops }),
    });
  }
  const side = cut.width;
  return {
    side,
    square(image, picture) {
      const least = Math.min(image.width, image.height);
      const scaled = (n: number) => (n === least ? short! : Math.trunc((short! * n) / least));
      const [width, height] = fixed
        ? [fixed.width, fixed.height]
        : [scaled(image.width), scaled(image.height)];
      const resized = resizePicture(image, { width, height, filter }, picture);
      const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
      return cropImage(resized, [left, top, left + side, top + side]);
    },
  };
}

/** The sizes that pictures are cut by. */
function readCutting(
  { size, max_image_size: most }: Config,
  where: string,
  how: Pick<Cutting, "filter" | "splits">,
): Cutting {
  const longest = "longest_edge" in size && size.longest_edge ? size.longest_edge : undefined;
  if (longest && most) return { longest, side: most.longest_edge, ...how };
  const rule = "size and max_image_size must give a longest_edge";
  throw new InputError({ where, rule, got: JSON.stringify({ size, max_image_size: most }) });
}

/** Scales bytes, and brings each channel to its mean and deviation. */
function normaliser(config: Config, where: string): PictureProcessor["normalise"] {
  const { do_rescale, do_normalize, image_mean, image_std } = config;
  if (do_normalize && !(image_mean && image_std))
    throw new InputError({ where, rule: "must have image_mean and image_std, three numbers each" });
  const factor = do_rescale ? config.rescale_factor : 1;
  const mean = do_normalize ? image_mean! : [0, 0, 0];
  const std = do_normalize ? image_std! : [1, 1, 1];
  return (pixels, into) => {
    const area = pixels.length / 3;
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < area; i++) into[c * area + i] = (pixels[i * 3 + c]! * factor - mean[c]!) / std[c]!;
  };
}

async function readConfig(dir: string): Promise<{ value: unknown; where: string }> {
  const own = path.join(dir, "preprocessor_config.json");
  const shared = path.join(dir, "processor_config.json");
  const first = await readJson(own);
  if (first !== undefined) return { value: first, where: own };
  const second = (await readJson(shared)) as { image_processor?: unknown } | undefined;
  if (second?.image_processor) return { value: second.image_processor, where: shared };
  const hint = "Copy preprocessor_config.json from the checkpoint's repository.";
  throw new SetupError({
    where: dir,
    rule: "must say how pictures are made ready",
    got: "no preprocessor_config.json",
    hint,
  });
}

/** A file's JSON; undefined when it is not there. */
async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError({ where: file, rule: "must be JSON", got: (cause as Error).message, cause });
  }
}
