// The one guarded door through which media bytes come in: a path, a data URL or an http(s) URL. What a dataset says is
// not trusted: its paths stay inside its own folder and its URLs on the public internet, unless the caller allows more.
import { open, realpath } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../errors/index.ts";
import type { MediaSource } from "../spec/index.ts";
import { contentHash } from "../util/hash.ts";
import { parseDataUrl } from "./data-url.ts";
import { checkImageBytes } from "./decode.ts";
import { fetchUrl } from "./fetch-url.ts";
import type { ImageMediaType } from "./image-format.ts";

export interface LoadMediaOptions {
  /** Folder that relative paths start from. */
  baseDir: string;
  /** Reads http(s) URLs. @default true */
  allowUrls?: boolean;
  /** Permits paths that leave `baseDir`. @default false */
  allowOutside?: boolean;
  /** Permits URLs of this machine and of private networks. @default false */
  allowPrivate?: boolean;
  /** Longest file. @default 25e6 */
  maxBytes?: number;
  /** Longest time for a URL. @default 30000 */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Bytes of a picture file as they were found. */
export interface LoadedMedia {
  bytes: Uint8Array;
  /** Found from the bytes. */
  mediaType: ImageMediaType;
  /** Content address, `sha256:` and 64 hex digits. */
  hash: string;
}

/** Reads the bytes of a picture and checks that they are one, and the right one when `hash` is given. */
export async function loadMedia(
  media: MediaSource | string,
  options: LoadMediaOptions,
): Promise<LoadedMedia> {
  const { source, hash: expected } = typeof media === "string" ? { source: media, hash: undefined } : media;
  const where = describeSource(source);
  const bytes = await readSource(source, where, options);
  const mediaType = checkImageBytes(bytes, where);
  const hash = contentHash(bytes);
  if (expected !== undefined && expected !== hash) {
    const hint = "The file changed after the dataset was written.";
    throw new InputError({ where, rule: `must have the hash ${expected}`, got: hash, hint });
  }
  return { bytes, mediaType, hash };
}

/** Names a source in messages: a path in quotes, a URL, or the start of a data URL. */
export function describeSource(source: string): string {
  if (source.startsWith("data:")) return `${source.slice(0, 32)}…`;
  if (isUrl(source)) return source.length > 120 ? `${source.slice(0, 100)}…` : source;
  return `"${source}"`;
}

function isUrl(source: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source);
}

async function readSource(
  source: string,
  where: string,
  { baseDir, allowUrls = true, allowOutside = false, maxBytes = 25e6, ...rest }: LoadMediaOptions,
): Promise<Uint8Array> {
  if (source === "") throw new InputError({ where: "picture", rule: "must have a source", got: '""' });
  if (/^data:/i.test(source)) return parseDataUrl(source, { maxBytes }).bytes;
  if (!isUrl(source)) return readInside(source, where, { baseDir, allowOutside, maxBytes });
  if (!allowUrls) throw new InputError({ where, rule: "must be a path or a data URL here", got: "a URL" });
  return fetchUrl(source, { maxBytes, where, ...rest });
}

async function readInside(
  source: string,
  where: string,
  { baseDir, allowOutside, maxBytes }: { baseDir: string; allowOutside: boolean; maxBytes: number },
): Promise<Uint8Array> {
  const file = path.resolve(baseDir, source);
  if (!allowOutside && !isWithin(path.resolve(baseDir), file)) throw outside(where, file);
  let real: string;
  try {
    real = await realpath(file);
    if (!allowOutside && !isWithin(await realpath(baseDir), real)) throw outside(where, real);
    return await readPlainFile(real, where, maxBytes);
  } catch (error) {
    if (InputError.isInstance(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const got = `no file at "${file}"`;
    if (code === "ENOENT" || code === "ENOTDIR") throw new InputError({ where, rule: "must exist", got });
    if (code === "EACCES" || code === "EPERM") {
      throw new InputError({ where, rule: "must be readable", got: `no permission for "${file}"` });
    }
    throw new InputError({
      where,
      rule: "must be readable",
      got: code ?? (error as Error).message,
      cause: error,
    });
  }
}

async function readPlainFile(file: string, where: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const stat = await handle.stat();
    const hint = "Give the path of a picture.";
    if (stat.isDirectory()) throw new InputError({ where, rule: "must be a file", got: "a folder", hint });
    if (!stat.isFile())
      throw new InputError({ where, rule: "must be a plain file", got: "a device or pipe", hint });
    if (stat.size > maxBytes) {
      const got = `${(stat.size / 1e6).toFixed(1)} MB`;
      throw new InputError({ where, rule: `must be at most ${maxBytes / 1e6} MB`, got });
    }
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function outside(where: string, file: string): InputError {
  return new InputError({
    where,
    rule: "must stay inside the folder of its dataset",
    got: `"${file}"`,
    hint: "Move the picture there, or trust the dataset (--trust-dataset).",
  });
}
