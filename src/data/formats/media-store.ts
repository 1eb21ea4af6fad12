// Pictures by content: a file for each, named by its hash, so that a picture is kept once, whatever it was called and however
// many datasets have it. Whole files appear at once, so several runs may fill one store.
import { stat } from "node:fs/promises";
import path from "node:path";
import { type LoadedMedia, loadMedia } from "../../media/index.ts";
import type { ImagePart } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";

/** Where the picture of a Sample is read from. */
export interface PictureOrigin {
  /** Folder that its path starts from. */
  baseDir: string;
  /** Permits paths that leave it. */
  trust: boolean;
}

export interface MediaStore {
  /** Puts a picture into the store unless it is there; gives its path. */
  keep(image: ImagePart, origin: PictureOrigin): Promise<string>;
}

/** Sources whose place is remembered, so that a picture of many Samples is read once. */
const maxRemembered = 50_000;

/** Opens a store in a folder, which is made with its first picture. */
export function createMediaStore(folder: string): MediaStore {
  const known = new Map<string, string>();
  return {
    async keep(image, origin) {
      const key = `${origin.baseDir}\u0000${image.source}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const { bytes, mediaType, hash } = await readPicture(image, origin);
      const digest = hash.slice("sha256:".length);
      const file = path.join(folder, digest.slice(0, 2), `${digest}.${mediaType.slice("image/".length)}`);
      const there = await stat(file).catch(() => undefined);
      if (there?.size !== bytes.length) await writeFileAtomic(file, bytes);
      // A data URL is as large as its picture.
      if (image.source.length < 4096) known.set(key, file);
      if (known.size > maxRemembered) known.delete(known.keys().next().value!);
      return file;
    },
  };
}

/** Reads the bytes of a picture, through the one guarded door. */
export function readPicture(image: ImagePart, { baseDir, trust }: PictureOrigin): Promise<LoadedMedia> {
  return loadMedia(image, { baseDir, allowOutside: trust });
}
