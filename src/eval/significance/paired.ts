// Tests on paired scores: both columns answered the same questions, so what counts is the difference on each.

import { createRng } from "../../util/rng.ts";
import type { Interval } from "../statistics.ts";
import { normalCdf, studentCdf, studentQuantile } from "./distributions.ts";

export interface PairedT {
  mean: number;
  /** 95% interval of the mean difference. */
  interval: Interval;
  t: number;
  degrees: number;
  /** Two-sided. */
  p: number;
}

/** Student's paired t test. Undefined for fewer than two differences; equal differences give p 0, or 1 when all are 0. */
export function pairedT(differences: readonly number[]): PairedT | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  const mean = differences.reduce((a, b) => a + b, 0) / n;
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance / n);
  const degrees = n - 1;
  const half = studentQuantile(0.975, degrees) * error;
  const interval: Interval = [mean - half, mean + half];
  if (error === 0)
    return {
      mean,
      interval,
      t: mean === 0 ? 0 : Math.sign(mean) * Number.POSITIVE_INFINITY,
      degrees,
      p: mean === 0 ? 1 : 0,
    };
  const t = mean / error;
  return { mean, interval, t, degrees, p: 2 * studentCdf(-Math.abs(t), degrees) };
}

/** Differences up to this many are tested against every choice of signs. */
const EXACT_LIMIT = 16;
/** Above this many the sum under random signs is normal to well below the error of the draws. */
const DRAWN_LIMIT = 5000;

/**
 * Two-sided sign-flip permutation test of the mean difference: how often random signs give a sum as far from 0. Zeros
 * never matter. Exact for at most 16 non-zero differences, by `rounds` seeded draws (the observed one counts) for at most
 * 5,000, and by the normal limit of the sum, whose variance is the sum of squares, for more.
 */
export function permutationP(
  differences: readonly number[],
  { seed, rounds = 10_000 }: { seed: number; rounds?: number },
): number {
  const values = differences.filter((d) => d !== 0);
  const n = values.length;
  const observed = Math.abs(values.reduce((a, b) => a + b, 0)) - 1e-12;
  const isFar = (sum: number) => Math.abs(sum) >= observed;
  if (n <= EXACT_LIMIT) {
    let far = 0;
    for (let signs = 0; signs < 2 ** n; signs++) {
      if (isFar(values.reduce((sum, d, i) => sum + ((signs >> i) & 1 ? d : -d), 0))) far++;
    }
    return far / 2 ** n;
  }
  if (n > DRAWN_LIMIT) {
    const deviation = Math.sqrt(values.reduce((sum, d) => sum + d * d, 0));
    return Math.min(1, 2 * normalCdf(-Math.max(0, observed) / deviation));
  }
  const rng = createRng("permutation", seed);
  let far = 1;
  for (let round = 0; round < rounds; round++) {
    if (isFar(values.reduce((sum, d) => sum + (rng.chance(0.5) ? d : -d), 0))) far++;
  }
  return far / (rounds + 1);
}
