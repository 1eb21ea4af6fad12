// Benchmarks by name: `mme:FOLDER`, `science-qa@val:FOLDER` for another split than the usual one, and
// `pope:FOLDER,PICTURES` when the pictures are in another folder. FOLDER may also be one of its official files.
import { stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../../errors/index.ts";
import type { Sample } from "../../../spec/index.ts";
import { contentHash } from "../../../util/hash.ts";
import { nearest } from "../../../util/text.ts";
import type { OnBadRow } from "../row-problems.ts";
import { amber } from "./amber.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { chartQa } from "./chart-qa.ts";
import { cocoCaptions } from "./coco-captions.ts";
import { docVqa } from "./doc-vqa.ts";
import { hallusionBench } from "./hallusion-bench.ts";
import { mmbench } from "./mmbench.ts";
import { mme } from "./mme.ts";
import { pope } from "./pope.ts";
import { refCoco } from "./ref-coco.ts";
import { scienceQa } from "./science-qa.ts";
import { textVqa } from "./text-vqa.ts";
import { vqa } from "./vqa.ts";

const readers = {
  ...{ mme, pope, mmbench, "hallusion-bench": hallusionBench, "science-qa": scienceQa, vqa },
  ...{ "text-vqa": textVqa, "doc-vqa": docVqa, "chart-qa": chartQa, "coco-captions": cocoCaptions },
  ...{ "ref-coco": refCoco, amber },
} satisfies Record<string, BenchmarkReader>;

/** Name of a benchmark, as in `mme:FOLDER`. */
export type BenchmarkName = keyof typeof readers;

/** Names of the benchmarks that can be read. */
export const benchmarkNames = Object.keys(readers) as BenchmarkName[];

/** A benchmark in memory: a dataset, and the task that scores it. */
export interface BenchmarkDataset {
  name: string;
  baseDir: string;
  samples: Sample[];
  hash: string;
  task: BenchmarkName;
}

export interface OpenBenchmarkOptions {
  /** @default the split that the name of the given file says, else the one that is usually reported */
  split?: string;
  /** Folder of the pictures, when they are not in the benchmark's folder. */
  pictures?: string;
  /** Takes bad rows, which are then left out. @default they are an error */
  onBadRow?: OnBadRow;
}

/** True when a spec says `NAME:FOLDER` or `NAME@SPLIT:FOLDER`, with a known name or an unknown one. */
export function isBenchmarkSpec(spec: string): boolean {
  return pattern.test(spec);
}

// Two letters at least: "C:\data" is a place. "http://…" is none of ours.
const pattern = /^([A-Za-z][\w+-]+)(?:@([\w-]*))?:(?!\/\/)(.*)$/s;

/** Opens a benchmark by its spec. */
export async function openBenchmarkSpec(
  spec: string,
  { onBadRow }: Pick<OpenBenchmarkOptions, "onBadRow"> = {},
): Promise<BenchmarkDataset> {
  const [, name, split, place] = pattern.exec(spec)!;
  const comma = place!.lastIndexOf(",");
  const isWhole = comma < 0 || (await stat(place!).catch(() => undefined)) !== undefined;
  const [folder, pictures] = isWhole ? [place!] : [place!.slice(0, comma), place!.slice(comma + 1)];
  const dataset = await openBenchmark(name!, folder!, { ...(split ? { split } : {}), pictures, onBadRow });
  return { ...dataset, name: spec };
}

/** Opens the official files of a benchmark, in a folder or by the name of one of them. */
export async function openBenchmark(
  name: string,
  folder: string,
  { split, pictures, onBadRow }: OpenBenchmarkOptions = {},
): Promise<BenchmarkDataset> {
  const reader = readerOf(name);
  const isFile = await kindOfPlace(name, folder);
  const wanted = split ?? (isFile ? splitInName(folder, reader.splits) : undefined) ?? reader.splits[0];
  if (!reader.splits.includes(wanted)) {
    throw new InputError({
      where: name,
      rule: `must be asked for one of the splits ${reader.splits.join(", ")}`,
      got: `"${wanted}"`,
    });
  }
  if (pictures !== undefined && (await kindOfPlace(name, pictures))) {
    throw new InputError({ where: name, rule: `"${pictures}" must be a folder of pictures`, got: "a file" });
  }
  const root = isFile ? path.dirname(folder) : folder;
  const samples = await reader.read({
    ...{ folder: root, split: wanted, onBadRow },
    ...(isFile ? { file: folder } : {}),
    ...(pictures === undefined ? {} : { pictures }),
  });
  return {
    ...{ name: `${name}:${folder}`, baseDir: path.resolve(pictures ?? root), samples },
    ...{ hash: contentHash(JSON.stringify(samples)), task: name as BenchmarkName },
  };
}

/** The split that a file's name has as a word of its own: `captions_train2014.json` is of the train split. */
function splitInName(file: string, splits: readonly string[]): string | undefined {
  const words = path
    .basename(file)
    .toLowerCase()
    .split(/[^a-z-]+/);
  return splits.find((split) => words.includes(split.toLowerCase()));
}

function readerOf(name: string): BenchmarkReader {
  if (Object.hasOwn(readers, name)) return readers[name as BenchmarkName];
  const slip = nearest(name, benchmarkNames);
  throw new InputError({
    where: "benchmark",
    rule: `must be one of ${benchmarkNames.join(", ")}`,
    got: `"${name}"`,
    hint: slip && `Did you mean ${slip}?`,
  });
}

/** True for a file, false for a folder. */
async function kindOfPlace(name: string, place: string): Promise<boolean> {
  const info = place === "" ? undefined : await stat(place).catch(() => undefined);
  if (info) return !info.isDirectory();
  const rule = place === "" ? "must be followed by its folder" : `"${place}" does not exist`;
  throw new InputError({ where: name, rule, hint: `Write ${name}:FOLDER, with the official files in it.` });
}
