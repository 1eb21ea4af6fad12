// A dataset by the name that a person types: a split of the bundled world (`scenes:test`), the official files of a
// benchmark (`mme:FOLDER`), a file, or a folder.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { contentHash } from "../../util/hash.ts";
import { nearest } from "../../util/text.ts";
import type { SceneFamily, SceneSplit } from "../scenes/index.ts";
import { benchmarkNames, isBenchmarkSpec, openBenchmarkSpec } from "./benchmarks/index.ts";
import { questionsFile } from "./folder.ts";
import { openSampleFile, readDatasetFile } from "./read-file.ts";
import type { Samples } from "./samples.ts";

/** A dataset in memory. */
export interface Dataset {
  /** As it was asked for. */
  name: string;
  /** Folder that the pictures' relative paths start from. */
  baseDir: string;
  samples: Sample[];
  /** Content address of the Samples as JSON: two datasets with the same hash ask the same questions. */
  hash: string;
  /** Name of the benchmark or kind of probe, which says how it is scored; undefined for a person's own questions. */
  task?: string;
}

/** Families that can be trained on too. */
const furtherFamilies = [
  ...(["groups", "dialogue", "where", "place"] as const),
  ...(["crowded", "small", "words", "charts"] as const),
] as const satisfies SceneFamily[];
const splits = ["train", "val", "test"] as const;

/**
 * Sets of the bundled world: 200 questions that ship as files, and 2,000 of each split. `-steps` asks questions that take
 * several steps; `-names` asks for made-up names, which are the same in `val` (to show) and `test` (to ask), as are the letters of `-groups`. The others are
 * told in `sceneFamilies`.
 */
export const bundledDatasets = [
  "scenes:demo",
  "scenes:val",
  "scenes:test",
  "scenes:test-style",
  "scenes:val-steps",
  "scenes:test-steps",
  "scenes:val-names",
  "scenes:test-names",
  ...furtherFamilies.flatMap((family) => splits.map((split) => `scenes:${split}-${family}` as const)),
] as const;

/** All of them in one line. */
const bundledText = `${bundledDatasets.slice(0, 8).join(", ")}, scenes:SPLIT-FAMILY (${splits.join(", ")}; ${furtherFamilies.join(", ")})`;

/** A dataset whose Samples are read more than once, from their file each time when they are in one. */
export interface DatasetStream extends Omit<Dataset, "samples" | "hash"> {
  samples: Samples;
}

/** Opens a dataset by name or path. */
export async function openDataset(spec: string): Promise<Dataset> {
  if (spec.startsWith("scenes:")) return openScenes(spec);
  const info = await stat(spec).catch(() => undefined);
  if (!info && isBenchmarkSpec(spec)) return openBenchmarkSpec(spec);
  if (!info) throw unknownDataset(spec);
  return readable(spec, async () => {
    const file = info.isDirectory() ? await questionsFile(spec) : spec;
    return dataset(spec, path.dirname(path.resolve(file)), await readDatasetFile(file));
  });
}

/**
 * Opens a dataset by name or path without holding it in memory. A JSONL or CSV is read once to see that it is in order,
 * and again whenever its Samples are asked for; bundled sets and the official files of benchmarks are read into memory.
 */
export async function openDatasetStream(spec: string): Promise<DatasetStream> {
  const info = spec.startsWith("scenes:") ? undefined : await stat(spec).catch(() => undefined);
  if (!info) return openDataset(spec);
  return readable(spec, async () => {
    const file = info.isDirectory() ? await questionsFile(spec) : spec;
    const { samples, origin } = await openSampleFile(file);
    const baseDir = path.dirname(path.resolve(file));
    return { name: spec, baseDir, samples, ...(isProbe(origin) ? { task: origin } : {}) };
  });
}

async function readable<T>(spec: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined && !code?.startsWith("ERR_FS")) throw error;
    throw new InputError({ where: `"${spec}"`, rule: "must be readable", got: code, cause: error });
  }
}

async function openScenes(spec: string): Promise<Dataset> {
  if (!(bundledDatasets as readonly string[]).includes(spec)) throw unknownDataset(spec);
  const root = path.resolve(import.meta.dirname, "../../..");
  if (spec === "scenes:demo") {
    const folder = path.join(root, "datasets/scenes-demo");
    return dataset(spec, folder, await readDatasetFile(path.join(folder, "samples.jsonl")));
  }
  const { sceneSamples } = await import("../scenes/dataset.ts");
  const [, split, family = "standard"] = /^scenes:(train|val|test-style|test)(?:-([a-z]+))?$/.exec(spec)!;
  const set = { split: split as SceneSplit, family: family as SceneFamily };
  const made = dataset(spec, root, await sceneSamples(set));
  // A box is right when it is nearly the expected one.
  return family === "where" ? { ...made, task: "ref-coco" } : made;
}

function dataset(name: string, baseDir: string, samples: Sample[]): Dataset {
  const origin = samples[0]?.provenance?.dataset;
  const isWhole = samples.every(({ provenance }) => provenance?.dataset === origin);
  const hash = contentHash(JSON.stringify(samples));
  return { name, baseDir, samples, hash, ...(isWhole && isProbe(origin) ? { task: origin } : {}) };
}

/** Questions that "sightline data pope" or "data chair" made are scored as those benchmarks are. */
function isProbe(origin: string | undefined): origin is string {
  return origin === "pope" || origin === "chair";
}

function unknownDataset(spec: string): InputError {
  if ((benchmarkNames as readonly string[]).includes(spec)) {
    const hint = `Write ${spec}:FOLDER, with the official files in it.`;
    return new InputError({ where: "dataset", rule: `"${spec}" is a benchmark and needs its folder`, hint });
  }
  const looksLikePath = /[/\\.]/.test(spec);
  const slip = nearest(spec, bundledDatasets);
  const folder = path.dirname(path.resolve(spec));
  const near = existsSync(folder) ? "" : `, nor its folder "${folder}"`;
  return new InputError({
    where: "dataset",
    rule: looksLikePath
      ? `"${spec}" does not exist${near}`
      : `must be a file, a folder or one of ${bundledText}`,
    got: looksLikePath ? undefined : `"${spec}"`,
    hint: slip ? `Did you mean ${slip}?` : looksLikePath ? `Bundled: ${bundledText}.` : undefined,
  });
}
