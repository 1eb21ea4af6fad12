// Where the pictures of a Sample are for whoever reads the new file: paths are made relative to it, bytes become files
// of a media folder that is named by content (a picture is kept once), or everything is put into the file.
import { stat } from "node:fs/promises";
import path from "node:path";
import { type LoadedMedia, loadMedia, toDataUrl } from "../../media/index.ts";
import type { ImagePart, Part, Sample } from "../../spec/index.ts";
import { writeFileAtomic } from "../../util/files.ts";

/** `link` leaves pictures where they are, `copy` gathers them in the media folder, `inline` makes data URLs. */
export type MediaMode = "link" | "copy" | "inline";

export interface PlaceMediaOptions {
  mode: MediaMode;
  /** Folder that the pictures' paths start from now. */
  baseDir: string;
  /** Folder that they will start from. */
  outDir: string;
  /** Permits paths that leave `baseDir`. */
  trust: boolean;
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

/** Reads the bytes of a picture, through the one guarded door. */
export function readPicture(
  image: ImagePart,
  { baseDir, trust }: Pick<PlaceMediaOptions, "baseDir" | "trust">,
): Promise<LoadedMedia> {
  return loadMedia(image, { baseDir, allowOutside: trust });
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
    return path.relative(outDir, path.resolve(baseDir, source)).split(path.sep).join("/");
  }
  const { bytes, mediaType, hash } = await readPicture(image, options);
  const digest = hash.slice("sha256:".length);
  const name = `media/${digest.slice(0, 2)}/${digest}.${mediaType.slice("image/".length)}`;
  const file = path.join(outDir, name);
  const known = await stat(file).catch(() => undefined);
  if (known?.size !== bytes.length) await writeFileAtomic(file, bytes);
  return name;
}
