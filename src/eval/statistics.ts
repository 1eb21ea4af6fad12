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
export function meanInterval(scores: ArrayLike<number>): Interval | undefined {
  const n = scores.length;
  let sum = 0;
  let isGraded = false;
  for (let i = 0; i < n; i++) {
    sum += scores[i]!;
    isGraded ||= scores[i] !== 0 && scores[i] !== 1;
  }
  if (!isGraded || n < 2) return wilsonInterval(sum, n);
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (scores[i]! - mean) ** 2;
  if (squares === 0) return wilsonInterval(sum, n);
  return normalInterval(mean, Math.sqrt(squares / (n - 1) / n));
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
  return quantiles(values, [p])[0];
}

/** Several quantiles of the same values. */
export function quantiles(values: ArrayLike<number>, shares: readonly number[]): (number | undefined)[] {
  const sorted = Float64Array.from(values).sort();
  return shares.map((p) => {
    if (sorted.length === 0) return undefined;
    const at = (sorted.length - 1) * p;
    const low = sorted[Math.floor(at)]!;
    return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
  });
}
