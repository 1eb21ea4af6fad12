// The few statistics of the table. Wilson: E. B. Wilson, JASA 22 (1927) 209-212. McNemar, exact form: the two-sided
// binomial test on the discordant pairs.

/** A 95% interval, both ends from 0 to 1. */
export type Interval = [low: number, high: number];

const z = 1.959963984540054;

/** Wilson's 95% interval for a share of right answers. Undefined without trials. */
export function wilsonInterval(successes: number, n: number): Interval | undefined {
  if (n === 0) return undefined;
  const p = successes / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * The 95% interval of a mean score: Wilson's when every score is 0 or 1; for graded scores the normal interval from
 * their own spread. Graded scores that are all equal have no spread to judge by, and get Wilson's, which is wider than
 * any set of scores from 0 to 1 with that mean needs.
 */
export function meanInterval(scores: readonly number[]): Interval | undefined {
  const n = scores.length;
  const sum = scores.reduce((a, b) => a + b, 0);
  const isGraded = scores.some((score) => score !== 0 && score !== 1);
  if (!isGraded || n < 2) return wilsonInterval(sum, n);
  const mean = sum / n;
  const variance = scores.reduce((a, s) => a + (s - mean) ** 2, 0) / (n - 1);
  if (variance === 0) return wilsonInterval(sum, n);
  return normalInterval(mean, Math.sqrt(variance / n));
}

/** The 95% interval of a share from its standard error, kept from 0 to 1. */
export function normalInterval(mean: number, error: number): Interval {
  return [Math.max(0, mean - z * error), Math.min(1, mean + z * error)];
}

/** Two-sided p of the exact McNemar test: `b` and `c` count the pairs that only one of the two got right. */
export function mcnemarP(b: number, c: number): number {
  const n = b + c;
  let tail = 0;
  let logChoose = 0;
  for (let i = 0; i <= Math.min(b, c); i++) {
    if (i > 0) logChoose += Math.log(n - i + 1) - Math.log(i);
    tail += Math.exp(logChoose - n * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}

/** The value below which a share `p` of the values lies, by linear interpolation. Undefined without values. */
export function quantile(values: ArrayLike<number>, p: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * p;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
