// Features of pictures, computed once per picture: demonstrations and follow-up questions show the same ones again.
import { contentHash } from "../../util/hash.ts";
import type { Decoder } from "./decode.ts";
import type { Preprocessor } from "./preprocess.ts";

export interface Picture {
  bytes: Uint8Array;
  /** Names the picture in errors, such as `prompt[0].content[1]`. */
  where: string;
}

/** A picture as the decoder reads it. */
export interface PictureFeatures {
  /** Number of its own; equal pictures have the same. */
  id: number;
  /** [features, hiddenSize] */
  features: Float32Array;
}

export interface PictureReader {
  read(pictures: readonly Picture[]): Promise<PictureFeatures[]>;
}

/** Creates a reader that keeps the features of recent pictures within a memory limit. */
export function createPictureReader(
  decoder: Decoder,
  preprocessor: Preprocessor,
  { maxBytes }: { maxBytes: number },
): PictureReader {
  const kept = new Map<string, PictureFeatures>(); // Insertion order is age.
  const running = new Map<string, Promise<PictureFeatures>>();
  let bytes = 0;
  let nextId = 0;

  const compute = async ({ bytes: file, where }: Picture, hash: string): Promise<PictureFeatures> => {
    try {
      const pixels = await preprocessor.pixels(file, where);
      const [features] = await decoder.encodePictures([pixels], preprocessor.size);
      const result = { id: nextId++, features: features! };
      kept.set(hash, result);
      bytes += features!.byteLength;
      for (const [oldest, value] of kept) {
        if (bytes <= maxBytes) break;
        kept.delete(oldest);
        bytes -= value.features.byteLength;
      }
      return result;
    } finally {
      running.delete(hash);
    }
  };
  const readOne = (picture: Picture): PictureFeatures | Promise<PictureFeatures> => {
    const hash = contentHash(picture.bytes);
    const found = kept.get(hash);
    if (found) {
      kept.delete(hash);
      kept.set(hash, found);
      return found;
    }
    const already = running.get(hash);
    if (already) return already;
    const made = compute(picture, hash);
    running.set(hash, made);
    return made;
  };
  return { read: (pictures) => Promise.all(pictures.map(readOne)) };
}
