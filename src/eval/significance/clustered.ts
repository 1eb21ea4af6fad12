// Several questions about one picture are not independent: they share what makes the picture easy or hard. Errors are
// then counted by picture. (Liang and Zeger 1986; for evaluations: Miller, arXiv 2411.00640.)

import { createRng } from "../../util/rng.ts";
import type { Interval } from "../statistics.ts";

/** Values that belong together by a key, such as the scores of the questions about one picture. */
export function groupBy(values: readonly number[], keys: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  values.forEach((value, i) => {
    const group = groups.get(keys[i]!);
    if (group) group.push(value);
    else groups.set(keys[i]!, [value]);
  });
  return [...groups.values()];
}

/**
 * Standard error of the mean over clusters: sqrt(G / (G - 1) * sum over clusters of (sum of deviations)^2) / n.
 * Undefined for fewer than two clusters. With one value a cluster it is the usual standard error.
 */
export function clusteredError(clusters: readonly (readonly number[])[]): number | undefined {
  return clusteredErrorOfSums({
    sums: clusters.map((cluster) => cluster.reduce((a, b) => a + b, 0)),
    counts: clusters.map(({ length }) => length),
  });
}

/** The same from the sum and the number of values of each cluster; clusters without values do not count. */
export function clusteredErrorOfSums({
  sums,
  counts,
}: {
  sums: ArrayLike<number>;
  counts: ArrayLike<number>;
}): number | undefined {
  let [g, n, sum] = [0, 0, 0];
  for (let i = 0; i < sums.length; i++) {
    if (counts[i]! > 0) g++;
    n += counts[i]!;
    sum += sums[i]!;
  }
  if (g < 2) return undefined;
  let squares = 0;
  for (let i = 0; i < sums.length; i++) squares += (sums[i]! - (counts[i]! * sum) / n) ** 2;
  return Math.sqrt((g / (g - 1)) * squares) / n;
}

/** Percentile bootstrap interval of the mean, resampling whole clusters. Same seed, same interval. */
export function bootstrapInterval(
  clusters: readonly (readonly number[])[],
  { seed, rounds = 2000, level = 0.95 }: { seed: number; rounds?: number; level?: number },
): Interval | undefined {
  if (clusters.length === 0) return undefined;
  const rng = createRng("bootstrap", seed);
  const sums = clusters.map((cluster) => cluster.reduce((a, b) => a + b, 0));
  const means = Array.from({ length: rounds }, () => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < clusters.length; i++) {
      const pick = rng.int(clusters.length);
      sum += sums[pick]!;
      n += clusters[pick]!.length;
    }
    return sum / n;
  }).sort((a, b) => a - b);
  const at = (p: number) => means[Math.min(rounds - 1, Math.floor(p * rounds))]!;
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
