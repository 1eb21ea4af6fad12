import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { readLines } from "../../util/read-lines.ts";
import { goodSamples, openInstructions } from "../formats/index.ts";
import type { MediaStore } from "../formats/media-store.ts";
import { placeMedia } from "../formats/place-media.ts";
import { issueText, sampleSchema } from "../schema/index.ts";
import { type MixSource, moveMedia } from "./mix-source.ts";

export interface OpenSourceOptions {
  name: string;
  /** Folder from which the media's paths are to start, such as that of the file that the mix is written to. */
  mediaFrom: string;
  /** Gathers the pictures in a media store. @default they stay where they are */
  store?: MediaStore;
  /** Permits pictures outside the dataset's folder to be gathered. @default false */
  trust?: boolean;
  signal?: AbortSignal;
}

/**
 * Opens a dataset for mixing by name or path, in any format that `openInstructions` reads. Files are streamed, so they may
 * be of any size; benchmarks, COCO instances and sets of the bundled world are held in memory.
 */
export async function openMixSource(
  spec: string,
  { name, mediaFrom, store, trust = false, signal }: OpenSourceOptions,
): Promise<MixSource> {
  const move =
    (baseDir: string) =>
    (sample: Sample): Sample | Promise<Sample> => {
      if (store) return placeMedia(sample, { mode: "copy", baseDir, outDir: mediaFrom, trust, store });
      return moveMedia(sample, (source) => slashes(path.relative(mediaFrom, path.resolve(baseDir, source))));
    };
  const size = await countSamples(spec, signal);
  if (size !== undefined) {
    const moved = move(path.dirname(path.resolve(spec)));
    return { name, size, open: () => streamed(spec, moved, signal) };
  }
  const data = await openInstructions(spec);
  const moved = move(data.baseDir);
  let rows = 0;
  for await (const _ of goodSamples(data)) {
    signal?.throwIfAborted();
    rows++;
  }
  return { name, size: rows, open: () => mapped(goodSamples(data), moved) };
}

async function* mapped(
  samples: AsyncIterable<Sample>,
  move: (sample: Sample) => Sample | Promise<Sample>,
): AsyncGenerator<Sample> {
  for await (const sample of samples) yield await move(sample);
}

/** Counts the lines of a file of Samples; undefined when the dataset is something else. */
async function countSamples(spec: string, signal?: AbortSignal): Promise<number | undefined> {
  if (!/\.(jsonl|ndjson)$/i.test(spec)) return undefined;
  let count = 0;
  try {
    for await (const batch of readLines(spec, { signal })) {
      if (count === 0 && !isSampleLine(batch[0]!.bytes)) return undefined;
      count += batch.length;
    }
  } catch (error) {
    // Left to openInstructions, which says what is wrong with the path.
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return undefined;
    throw error;
  }
  return count === 0 ? undefined : count;
}

function isSampleLine(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null && "instruction" in value && "input" in value;
  } catch {
    return false;
  }
}

async function* streamed(
  file: string,
  move: (sample: Sample) => Sample | Promise<Sample>,
  signal?: AbortSignal,
): AsyncGenerator<Sample> {
  for await (const batch of readLines(file, { signal })) {
    for (const { line, bytes } of batch) yield await move(parseSample(bytes, `${file}:${line}`));
  }
}

function parseSample(bytes: Buffer, where: string): Sample {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (cause) {
    throw new InputError({
      where,
      rule: `must be JSON, but ${(cause as Error).message.slice(0, 100)}`,
      cause,
    });
  }
  const result = sampleSchema.safeParse(value);
  if (result.success) return result.data;
  const hint = 'See all that is wrong with "sightline data check".';
  throw new InputError({ where, rule: issueText(result.error, Object.keys(sampleSchema.shape)), hint });
}

/** Paths in a dataset are written with slashes on every system. */
function slashes(file: string): string {
  return path.sep === "/" ? file : file.split(path.sep).join("/");
}
