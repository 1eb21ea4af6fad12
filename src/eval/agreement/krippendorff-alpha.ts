// Agreement of any number of raters of whom not all rated everything: Krippendorff's alpha, by the coincidence matrix of
// "Computing Krippendorff's Alpha-Reliability" (2011): 1 - observed / expected disagreement. A thing with m ratings adds
// each ordered pair of them with weight 1 / (m - 1); things with fewer than two ratings say nothing.

/** How far two values are apart: equal or not; by rank; by difference; by difference relative to their sum. */
export type AlphaLevel = "nominal" | "ordinal" | "interval" | "ratio";

/**
 * Computes alpha over things, each the list of the ratings that it got. Undefined when fewer than two ratings can be
 * paired, and when all paired ratings are equal, so that there is nothing to tell agreement from chance.
 */
export function krippendorffAlpha(
  things: readonly (readonly number[])[],
  level: AlphaLevel,
): number | undefined {
  const rated = things.filter((ratings) => ratings.length > 1);
  const values = [...new Set(rated.flat())].sort((a, b) => a - b);
  const place = new Map(values.map((value, i) => [value, i]));
  const coincidences = values.map(() => new Array<number>(values.length).fill(0));
  for (const ratings of rated) {
    for (const [i, a] of ratings.entries()) {
      for (const [j, b] of ratings.entries()) {
        if (i !== j) coincidences[place.get(a)!]![place.get(b)!]! += 1 / (ratings.length - 1);
      }
    }
  }
  const totals = coincidences.map((row) => row.reduce((sum, x) => sum + x, 0));
  const n = totals.reduce((sum, x) => sum + x, 0);
  const distance = distanceOf(level, values, totals);
  let observed = 0;
  let expected = 0;
  for (const i of values.keys()) {
    for (const j of values.keys()) {
      observed += coincidences[i]![j]! * distance(i, j);
      expected += totals[i]! * totals[j]! * distance(i, j);
    }
  }
  return expected > 0 ? 1 - ((n - 1) * observed) / expected : undefined;
}

/** The squared distance of two values by their positions. */
function distanceOf(level: AlphaLevel, values: readonly number[], totals: readonly number[]) {
  return (i: number, j: number): number => {
    if (i === j) return 0;
    switch (level) {
      case "nominal":
        return 1;
      case "ordinal": {
        // Ratings from one value to the other, the ends counted half.
        const between = totals.slice(Math.min(i, j), Math.max(i, j) + 1).reduce((sum, x) => sum + x, 0);
        return (between - (totals[i]! + totals[j]!) / 2) ** 2;
      }
      case "interval":
        return (values[i]! - values[j]!) ** 2;
      case "ratio": {
        const sum = values[i]! + values[j]!;
        return sum === 0 ? 1 : ((values[i]! - values[j]!) / sum) ** 2;
      }
      default:
        return level satisfies never;
    }
  };
}
