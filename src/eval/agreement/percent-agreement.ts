import { type Interval, wilsonInterval } from "../statistics.ts";

/** Share of the pairs in which both ratings are equal. */
export interface Agreement {
  n: number;
  /** Undefined without pairs. */
  share: number | undefined;
  /** Wilson's 95% interval. */
  interval: Interval | undefined;
}

/** Counts equal pairs. Chance is not taken out: see `cohenKappa`. */
export function percentAgreement(pairs: readonly (readonly [unknown, unknown])[]): Agreement {
  const n = pairs.length;
  const equal = pairs.filter(([a, b]) => a === b).length;
  return { n, share: n === 0 ? undefined : equal / n, interval: wilsonInterval(equal, n) };
}
