import type { Sample } from "../../spec/index.ts";
import { hash32 } from "../../util/rng.ts";

/**
 * Takes at most `limit` Samples, chosen by a seeded hash of their ids, in the dataset's order. The same seed chooses
 * the same questions on every machine, and a larger limit keeps those of a smaller one.
 */
export function limitSamples(samples: readonly Sample[], limit: number, seed = 0): Sample[] {
  if (limit >= samples.length) return [...samples];
  const chosen = new Set(
    samples
      .map((sample) => ({ id: sample.id, key: hash32("limit", seed, sample.id) }))
      .sort((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id }) => id),
  );
  return samples.filter(({ id }) => chosen.has(id));
}
