// Hybrid composition: one stream of Samples out of several datasets (text-only conversations among pictures, an old
// task among a new one). Three ways to put them together:
//   mixSamples  each Sample is drawn by chance, by the shares
//   mixBatches  each batch holds the sources by their shares, as exactly as whole numbers allow
//   mixStages   one mix after another, such as captions first and instructions then
// Streams: nothing but one Sample (or batch) is held. The same seed gives the same stream. Samples are passed on with
// the parts they have: a Sample without pictures has no image part and so no image position.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { createRng } from "../../util/rng.ts";
import { type MixSource, readSource, type SourceUse } from "./mix-source.ts";
import { type MixWeights, mixShares } from "./shares.ts";

export interface DrawOptions {
  /** @default { temperature: 1 }, which is by size */
  weights?: MixWeights;
  /** Samples to draw. @default the sizes of all sources together */
  count?: number;
  /** @default 0 */
  seed?: number;
  /** Told at the end, or when the reader stops, what was drawn from each source. */
  onUse?: (use: SourceUse[]) => void;
}

/** Draws Samples from several sources by chance. */
export async function* mixSamples(
  sources: readonly MixSource[],
  options: DrawOptions = {},
): AsyncGenerator<Sample> {
  const { seed = 0, onUse } = options;
  const { shares, count } = plan(sources, options);
  const rng = createRng("mix", seed);
  const readers = sources.map(readSource);
  try {
    for (let i = 0; i < count; i++) yield await readers[drawIndex(shares, rng.next())]!.next();
  } finally {
    for (const reader of readers) await reader.close();
    onUse?.(readers.map(({ use }) => use));
  }
}

export interface DrawBatchesOptions extends DrawOptions {
  batchSize: number;
}

/**
 * Draws batches that all hold the sources by their shares. A share that is no whole number of Samples is carried over:
 * after any number of batches each source is less than one Sample from its share for each source in the mix.
 */
export async function* mixBatches(
  sources: readonly MixSource[],
  options: DrawBatchesOptions,
): AsyncGenerator<Sample[]> {
  const { seed = 0, batchSize, onUse } = options;
  const { shares, count } = plan(sources, options);
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    const got = String(batchSize);
    throw new InputError({ where: "batchSize", rule: "must be a whole number from 1 up", got });
  }
  const rng = createRng("mix-batches", seed);
  const readers = sources.map(readSource);
  try {
    for (let done = 0; done < count; ) {
      const size = Math.min(batchSize, count - done);
      const order: number[] = [];
      for (let i = 0; i < size; i++) {
        // The source that is furthest behind its share goes next.
        const drawn = (source: number) =>
          readers[source]!.use.drawn + order.filter((s) => s === source).length;
        const behind = shares.map((share, s) => (share === 0 ? -1 : share * (done + i + 1) - drawn(s)));
        order.push(behind.indexOf(Math.max(...behind)));
      }
      const batch: Sample[] = [];
      for (const source of rng.shuffle(order)) batch.push(await readers[source]!.next());
      done += size;
      yield batch;
    }
  } finally {
    for (const reader of readers) await reader.close();
    onUse?.(readers.map(({ use }) => use));
  }
}

export interface MixStage extends Omit<DrawOptions, "seed"> {
  sources: readonly MixSource[];
}

/** Draws one mix after another. Each stage reads its sources from their start; its number goes before the ids. */
export async function* mixStages(
  stages: readonly MixStage[],
  { seed = 0 }: { seed?: number } = {},
): AsyncGenerator<Sample> {
  for (const [index, { sources, ...options }] of stages.entries()) {
    for await (const sample of mixSamples(sources, { ...options, seed: seed + index })) {
      yield { ...sample, id: `stage-${index + 1}/${sample.id}` };
    }
  }
}

function plan(sources: readonly MixSource[], { weights, count }: DrawOptions) {
  if (sources.length === 0)
    throw new InputError({ where: "mix", rule: "must be given datasets", got: "none" });
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError({
      where: "mix",
      rule: "datasets must have different names",
      got: `"${twice}" twice`,
    });
  }
  const sizes = sources.map(({ size }) => size);
  const shares = mixShares(sizes, weights);
  const empty = sources.find(({ size }, i) => size === 0 && shares[i]! > 0);
  if (empty) throw new InputError({ where: empty.name, rule: "must hold Samples", got: "none" });
  return { shares, count: count ?? sizes.reduce((a, b) => a + b, 0) };
}

function drawIndex(shares: readonly number[], uniform: number): number {
  let sum = 0;
  for (const [index, share] of shares.entries()) {
    sum += share;
    if (uniform < sum) return index;
  }
  // The shares may add up to a hair less than 1.
  return shares.findLastIndex((share) => share > 0);
}
