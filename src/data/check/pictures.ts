// Reads the pictures of rows through the guarded door of src/media, each once as long as it is among the last ones used:
// rows about the same picture mostly stand together, and a cache of everything would grow with the data.
import path from "node:path";
import type { LoadedMedia, LoadMediaOptions } from "../../media/index.ts";
import type { CheckedRow, Picture } from "./row-view.ts";

export interface PictureOptions {
  /** Folder that relative paths start from. @default the folder of the row's file */
  imagesDir?: string;
  /** Permits paths that leave that folder. @default false */
  allowOutside?: boolean;
  /** Reads pictures behind http(s) URLs too. @default false */
  fetchUrls?: boolean;
  signal?: AbortSignal;
}

/** Reads a picture. What reads files and URLs is large, and most passes need none of it. */
async function load(source: string, options: LoadMediaOptions): Promise<LoadedMedia> {
  const { loadMedia } = await import("../../media/index.ts");
  return loadMedia(source, options);
}

/** Makes the function that looks at a picture of a row; undefined for URLs that are not read. */
export function pictureReader<T>(
  look: (media: LoadedMedia, source: string) => Promise<T>,
  { imagesDir, allowOutside, fetchUrls = false, signal }: PictureOptions,
  maxKept = 5000,
): (row: Pick<CheckedRow, "file" | "baseDir">, picture: Picture) => Promise<T> | undefined {
  const kept = new Map<string, Promise<T>>();
  return ({ file, baseDir: own }, { source }) => {
    if (/^https?:/i.test(source) && !fetchUrls) return undefined;
    const baseDir = own ?? imagesDir ?? path.dirname(path.resolve(file));
    const key = `${baseDir}\u0000${source}`;
    const known = kept.get(key);
    if (known) return known;
    const looking = load(source, { baseDir, allowOutside, signal }).then((media) => look(media, source));
    // Whoever awaits it gets the error; this only keeps Node from seeing it as unhandled before.
    looking.catch(() => undefined);
    // A data URL is as large as its picture and is seldom there twice.
    if (source.length < 4096) kept.set(key, looking);
    if (kept.size > maxKept) kept.delete(kept.keys().next().value!);
    return looking;
  };
}
