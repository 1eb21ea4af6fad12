// The pictures of a dataset as a checkpoint's processor makes them ready: first the parts that each is cut into, by its size alone,
// then all squares, each picture read once and kept in memory.
import { availableParallelism, totalmem } from "node:os";
import PQueue from "p-queue";
import { InputError, SetupError } from "../errors/index.ts";
import { decodeImage, describeSource, imageSize, loadMedia } from "../media/index.ts";
import type { ImagePart } from "../spec/index.ts";
import { type PartGrid, squaresOf, wholeOnly } from "./picture-parts.ts";
import type { PictureProcessor } from "./picture-processor.ts";

/** A picture, and the folder that its path starts from. */
export interface PlacedPicture {
  image: ImagePart;
  baseDir: string;
}

/** The parts that each of the pictures is cut into, in order; files are only read where pictures are cut. */
export async function readGrids(
  pictures: readonly PlacedPicture[],
  { splits, grid }: Pick<PictureProcessor, "splits" | "grid">,
): Promise<PartGrid[]> {
  if (!splits) return pictures.map(() => wholeOnly);
  return ofEach(pictures, async (bytes, where) => grid(await imageSize(bytes, { where })));
}

/**
 * Reads pictures to the bytes of their squares, [side, side, 3] for each square of each picture in order; equal sources share one
 * array. Throws InputError for a picture that is missing, damaged or outside of its dataset's folder, and SetupError for more of
 * them than half of `memory` holds.
 */
export async function readSquares(
  pictures: readonly (PlacedPicture & { grid: PartGrid })[],
  processor: Pick<PictureProcessor, "side" | "squares">,
  memory = totalmem(),
): Promise<Uint8Array[][]> {
  const distinct = new Map(pictures.map((picture) => [keyOf(picture), picture]));
  const bytes = 3 * processor.side ** 2;
  let squares = 0;
  for (const { grid } of distinct.values()) squares += squaresOf(grid);
  if (squares * bytes > memory / 2) {
    const cut = squares > distinct.size ? ` in ${squares} squares` : "";
    const got = `${distinct.size} pictures${cut} of ${bytes} bytes`;
    throw new SetupError({ where: "pictures", rule: "must fit half of the memory", got });
  }
  return ofEach(pictures, async (file, where, { grid }) => {
    const made = processor.squares(await decodeImage(file, { where }), where);
    // Behind an address there may be another picture than when its size was read.
    if (made.length === squaresOf(grid)) return made.map(({ pixels }) => pixels);
    const rule = "must be the same picture whenever it is read";
    throw new InputError({ where, rule, got: `${made.length} squares after ${squaresOf(grid)}` });
  });
}

/** Does something with the file of each picture once; the results in order. */
async function ofEach<Picture extends PlacedPicture, Result>(
  pictures: readonly Picture[],
  read: (bytes: Uint8Array, where: string, picture: Picture) => Promise<Result>,
): Promise<Result[]> {
  const distinct = new Map(pictures.map((picture) => [keyOf(picture), picture]));
  const results = new Map<string, Result>();
  const queue = new PQueue({ concurrency: availableParallelism() });
  await queue.addAll(
    [...distinct].map(([key, picture]) => async () => {
      const { image, baseDir } = picture;
      const { bytes } = await loadMedia(image, { baseDir });
      results.set(key, await read(bytes, describeSource(image.source), picture));
    }),
  );
  return pictures.map((picture) => results.get(keyOf(picture))!);
}

function keyOf({ image, baseDir }: PlacedPicture): string {
  return `${baseDir}\n${image.hash ?? ""}\n${image.source}`;
}
