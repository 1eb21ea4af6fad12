// What a run was: enough to say, later and elsewhere, why two runs differ.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Samples } from "../data/formats/index.ts";
import { InternalError } from "../errors/index.ts";
import type { Sample } from "../spec/index.ts";
import { contentHash } from "../util/hash.ts";

const columnSchema = z.object({
  name: z.string(),
  model: z.string().nullable(),
  technique: z.string(),
  /** Content address of the weights; absent where nobody can know it. */
  weights: z.string().optional(),
});

const manifestSchema = z.object({
  /** Version of Sightline. */
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  dataset: z.object({
    name: z.string(),
    /** Content address of the questions as they were asked. */
    hash: z.string(),
    questions: z.number(),
  }),
  scorer: z.string(),
  columns: z.array(columnSchema),
  seed: z.number(),
  temperature: z.number(),
  maxOutputTokens: z.number(),
  timeoutMs: z.number(),
  repeats: z.number(),
});

export type RunManifest = z.infer<typeof manifestSchema>;
export type ManifestColumn = z.infer<typeof columnSchema>;

/** What a manifest is made from. */
export interface ManifestParts {
  /** Name of the dataset, as it was asked for. */
  dataset: string;
  samples: Samples;
  columns: readonly ManifestColumn[];
  /** Name of the scorer. */
  scorer: string;
  seed: number;
  maxOutputTokens: number;
  timeoutMs: number;
  /** @default 0 */
  temperature?: number;
  /** @default 1 */
  repeats?: number;
  /** Version of the program. @default "" */
  version?: string;
}

/** Makes the manifest of a run in this process. */
export async function makeManifest({
  dataset,
  samples,
  columns,
  ...parts
}: ManifestParts): Promise<RunManifest> {
  const { scorer, seed, maxOutputTokens, timeoutMs, temperature = 0, repeats = 1, version = "" } = parts;
  return {
    ...{ version, node: process.version, platform: `${process.platform}-${process.arch}` },
    dataset: { name: dataset, ...(await contentOf(samples)) },
    scorer,
    columns: columns.map(({ name, model, technique, weights }) => ({
      ...{ name, model, technique },
      ...(weights === undefined ? {} : { weights }),
    })),
    ...{ seed, temperature, maxOutputTokens, timeoutMs, repeats },
  };
}

/** Content address of Samples: the same questions in the same order. */
export async function samplesHash(samples: Samples): Promise<string> {
  return (await contentOf(samples)).hash;
}

async function contentOf(samples: Samples): Promise<{ hash: string; questions: number }> {
  const hash = createHash("sha256");
  let questions = 0;
  for await (const sample of samples) hash.update(`${questions++ > 0 ? "\n" : ""}${sampleHash(sample)}`);
  return { hash: `sha256:${hash.digest("hex")}`, questions };
}

/** Content address of a Sample. */
export function sampleHash(sample: Sample): string {
  return contentHash(JSON.stringify(sample));
}

/** Reads the manifest of a stored run. */
export function parseManifest(value: unknown): RunManifest {
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  throw new InternalError({
    where: "run",
    rule: "must have a manifest of this version",
    cause: result.error,
  });
}

/** One thing that two runs have differently. */
export interface Difference {
  what: string;
  a: string;
  b: string;
}

/** What differs between two manifests. Columns are compared by name; those that only one has count as well. */
export function manifestDifferences(a: RunManifest, b: RunManifest): Difference[] {
  const found: Difference[] = [];
  const compare = (what: string, x: unknown, y: unknown) => {
    if (x !== y) found.push({ what, a: String(x ?? "–"), b: String(y ?? "–") });
  };
  compare("dataset", a.dataset.name, b.dataset.name);
  compare("dataset content", a.dataset.hash, b.dataset.hash);
  compare("questions", a.dataset.questions, b.dataset.questions);
  for (const key of ["scorer", "seed", "temperature", "maxOutputTokens", "repeats"] as const)
    compare(key, a[key], b[key]);
  for (const name of new Set([...a.columns, ...b.columns].map((column) => column.name))) {
    const [x, y] = [a, b].map(({ columns }) => columns.find((column) => column.name === name));
    if (!x || !y) compare(`column ${name}`, x && "present", y && "present");
    else
      for (const key of ["model", "technique", "weights"] as const)
        compare(`${name}: ${key}`, x[key], y[key]);
  }
  for (const key of ["version", "node", "platform", "timeoutMs"] as const) compare(key, a[key], b[key]);
  return found;
}
