import type { Sample } from "../spec/index.ts";
import { createRng } from "../util/rng.ts";

/** Splits Samples into those that may be shown and at most `count` that decide, never half of them; a picture stays whole. */
export function keepApart(
  samples: readonly Sample[],
  { count, seed }: { count: number; seed: number },
): [shown: Sample[], apart: Sample[]] {
  const groups = [...Map.groupBy(samples, ({ id, group }) => group ?? id).values()];
  const apart: Sample[] = [];
  const shown: Sample[] = [];
  for (const group of createRng("show-learned", seed).shuffle(groups)) {
    const fits = apart.length + group.length <= Math.min(count, samples.length / 2);
    (fits ? apart : shown).push(...group);
  }
  return [shown, apart];
}
