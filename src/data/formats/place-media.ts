// Where the pictures of a Sample are for whoever reads the new file: paths are made relative to it, bytes become files
// of the media store, or everything is put into the file.
import path from "node:path";
import { toDataUrl } from "../../media/index.ts";
import type { ImagePart, Part, Sample } from "../../spec/index.ts";
import { type MediaStore, readPicture } from "./media-store.ts";

/** `link` leaves pictures where they are, `copy` gathers them in the media store, `inline` makes data URLs. */
export type MediaMode = "link" | "copy" | "inline";

export interface PlaceMediaOptions {
  mode: MediaMode;
  /** Folder that the pictures' paths start from now. */
  baseDir: string;
  /** Folder that they will start from. */
  outDir: string;
  /** Permits paths that leave `baseDir`. */
  trust: boolean;
  /** Takes the pictures that are copied. */
  store: MediaStore;
}

/** Gives every picture of the Sample the source that the new file needs. */
export async function placeMedia(sample: Sample, options: PlaceMediaOptions): Promise<Sample> {
  const place = async (parts: Part[]) => {
    const placed: Part[] = [];
    for (const part of parts) {
      placed.push(part.type === "image" ? { ...part, source: await sourceFor(part, options) } : part);
    }
    return placed;
  };
  const input = await place(sample.input);
  if (!sample.turns) return { ...sample, input };
  const turns: typeof sample.turns = [];
  for (const turn of sample.turns) turns.push({ ...turn, content: await place(turn.content) });
  return { ...sample, turns, input };
}

async function sourceFor(image: ImagePart, options: PlaceMediaOptions): Promise<string> {
  const { source } = image;
  const { mode, baseDir, outDir } = options;
  const isData = /^data:/i.test(source);
  const isUrl = /^https?:\/\//i.test(source);
  if (mode === "inline") {
    if (isData || isUrl) return source;
    const { bytes, mediaType } = await readPicture(image, options);
    return toDataUrl(bytes, mediaType);
  }
  if (mode === "link" && isUrl) return source;
  if (mode === "link" && !isData) {
    if (path.isAbsolute(source)) return source;
    return withSlashes(path.relative(outDir, path.resolve(baseDir, source)));
  }
  return withSlashes(path.relative(outDir, await options.store.keep(image, options)));
}

function withSlashes(file: string): string {
  return file.split(path.sep).join("/");
}
