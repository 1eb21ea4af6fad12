import { normalQuantile } from "./distributions.ts";

export interface PowerOptions {
  /** Two-sided level. @default 0.05 */
  level?: number;
  /** Chance of finding a difference that is there. @default 0.8 */
  power?: number;
}

function factor({ level = 0.05, power = 0.8 }: PowerOptions): number {
  return normalQuantile(1 - level / 2) + normalQuantile(power);
}

/** Smallest mean difference that n pairs with this standard deviation of differences would show (normal approximation). */
export function minimumDetectableDifference(
  n: number,
  deviation: number,
  options: PowerOptions = {},
): number {
  return (factor(options) * deviation) / Math.sqrt(n);
}

/** Pairs needed to show a mean difference. */
export function pairsNeeded(difference: number, deviation: number, options: PowerOptions = {}): number {
  return Math.ceil((factor(options) * deviation) ** 2 / difference ** 2);
}
