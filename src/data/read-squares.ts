// The pictures of a dataset as a checkpoint's processor makes them ready, each read once and kept in memory.
import { availableParallelism, totalmem } from "node:os";
import PQueue from "p-queue";
import { SetupError } from "../errors/index.ts";
import { decodeImage, describeSource, loadMedia } from "../media/index.ts";
import type { ImagePart } from "../spec/index.ts";
import type { PictureProcessor } from "./picture-processor.ts";

/** A picture, and the folder that its path starts from. */
export interface PlacedPicture {
  image: ImagePart;
  baseDir: string;
}

/**
 * Reads pictures to the bytes of their squares, [side, side, 3] for each in order; equal sources share one array. Throws
 * InputError for a picture that is missing, damaged or outside of its dataset's folder, and SetupError for more of them than half
 * of the memory holds.
 */
export async function readSquares(
  pictures: readonly PlacedPicture[],
  processor: Pick<PictureProcessor, "side" | "square">,
): Promise<Uint8Array[]> {
  const key = ({ image, baseDir }: PlacedPicture) => `${baseDir}\n${image.hash ?? ""}\n${image.source}`;
  const distinct = new Map(pictures.map((picture) => [key(picture), picture]));
  const bytes = 3 * processor.side ** 2;
  if (distinct.size * bytes > totalmem() / 2) {
    const got = `${distinct.size} pictures of ${bytes} bytes`;
    throw new SetupError({ where: "pictures", rule: "must fit half of the memory", got });
  }
  const squares = new Map<string, Uint8Array>();
  const queue = new PQueue({ concurrency: availableParallelism() });
  await queue.addAll(
    [...distinct].map(([name, { image, baseDir }]) => async () => {
      const where = describeSource(image.source);
      const media = await loadMedia(image, { baseDir });
      squares.set(name, processor.square(await decodeImage(media.bytes, { where }), where).pixels);
    }),
  );
  return pictures.map((picture) => squares.get(key(picture))!);
}
