// Agreement of two raters beyond chance: Cohen's kappa (Educational and Psychological Measurement 20 (1960) 37-46), and
// its weighted form (Psychological Bulletin 70 (1968) 213-220), in which near misses count less:
// 1 - sum of w_ij observed_ij / sum of w_ij expected_ij, with w the distance of two categories.
import { InputError } from "../../errors/index.ts";

export interface KappaOptions<Category> {
  /** How far two categories are apart: 0 or 1, steps between them, or squared steps. @default "none" */
  weights?: "none" | "linear" | "quadratic";
  /** All categories from low to high. @default those that occur, numbers sorted by size */
  categories?: readonly Category[];
}

/**
 * Computes kappa over pairs of ratings of the same things: 1 is full agreement, 0 that of chance. Undefined without
 * pairs, and when both raters always say the same one thing, so that chance alone agrees fully.
 */
export function cohenKappa<Category extends string | number>(
  pairs: readonly (readonly [Category, Category])[],
  { weights = "none", categories = occurring(pairs) }: KappaOptions<Category> = {},
): number | undefined {
  const place = new Map(categories.map((category, i) => [category, i]));
  const indices = pairs.map((pair) =>
    pair.map((category) => {
      const i = place.get(category);
      if (i === undefined) {
        throw new InputError({
          where: "kappa",
          rule: `ratings must be one of ${categories.join(", ")}`,
          got: JSON.stringify(category),
        });
      }
      return i;
    }),
  );
  const first: number[] = new Array(categories.length).fill(0);
  const second: number[] = new Array(categories.length).fill(0);
  const distance = (i: number, j: number) => {
    if (weights === "none") return Number(i !== j);
    return weights === "linear" ? Math.abs(i - j) : (i - j) ** 2;
  };
  let observed = 0;
  for (const [i, j] of indices) {
    first[i!]!++;
    second[j!]!++;
    observed += distance(i!, j!) / pairs.length;
  }
  let expected = 0;
  for (const [i, a] of first.entries()) {
    for (const [j, b] of second.entries()) expected += (distance(i, j) * a * b) / pairs.length ** 2;
  }
  return expected > 0 ? 1 - observed / expected : undefined;
}

function occurring<Category extends string | number>(
  pairs: readonly (readonly [Category, Category])[],
): Category[] {
  const all = [...new Set(pairs.flat())];
  return all.every((category) => typeof category === "number")
    ? ((all as number[]).sort((a, b) => a - b) as Category[])
    : all.sort();
}
