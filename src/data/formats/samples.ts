// Samples that are read more than once and, where they are in a file, one at a time, so that memory does not grow with
// the dataset.
import type { Sample } from "../../spec/index.ts";
import { GrowingArray } from "../../util/growing-array.ts";
import { hash32 } from "../../util/rng.ts";

/** Samples that can be read again and again, in the same order: an array, or a file that is opened anew each time. */
export type Samples = Iterable<Sample> | AsyncIterable<Sample>;

/** Makes other Samples out of each one, every time that they are read. */
export function flatMapSamples(samples: Samples, make: (sample: Sample) => readonly Sample[]): Samples {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const sample of samples) yield* make(sample);
    },
  };
}

/**
 * Takes at most `limit` Samples, chosen by a seeded hash of their ids, in the dataset's order. The same seed chooses
 * the same questions on every machine, and a larger limit keeps those of a smaller one.
 */
export async function limitStream(samples: Samples, limit: number, seed = 0): Promise<Samples> {
  if (limit === Number.POSITIVE_INFINITY) return samples;
  const key = (sample: Sample) => hash32("limit", seed, sample.id);
  const keys = new GrowingArray(new Uint32Array(0));
  for await (const sample of samples) keys.push(key(sample));
  if (limit >= keys.values.length) return samples;
  const last = keys.values.sort()[limit - 1]!;
  const below = keys.values.indexOf(last);
  // Of several ids with the hash of the last one that is taken, the first in the alphabet.
  const tied: string[] = [];
  for await (const sample of samples) if (key(sample) === last) tied.push(sample.id);
  const taken = new Set(tied.sort().slice(0, limit - below));
  return flatMapSamples(samples, (sample) => {
    const at = key(sample);
    return at < last || (at === last && taken.has(sample.id)) ? [sample] : [];
  });
}
