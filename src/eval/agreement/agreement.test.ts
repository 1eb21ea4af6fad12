import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cohenKappa, krippendorffAlpha, percentAgreement } from "./index.ts";

/** A table of counts as pairs of ratings 1, 2, 3… */
function pairsOf(table: number[][]): [number, number][] {
  return table.flatMap((row, i) =>
    row.flatMap((count, j) => Array.from({ length: count }, (): [number, number] => [i + 1, j + 1])),
  );
}

describe("Cohen's kappa", () => {
  // Rows sum to 13, 13, 14 and columns to 13, 14, 13, so chance agrees on (169 + 182 + 182) / 1600.
  const table = pairsOf([
    [10, 2, 1],
    [3, 8, 2],
    [0, 4, 10],
  ]);

  test("by hand: plain, linear and quadratic weights", () => {
    expect(cohenKappa(table)).toBeCloseTo((28 / 40 - 533 / 1600) / (1 - 533 / 1600), 12);
    // 11 pairs are one step apart and 1 is two steps; chance has 716 and 351 of 1600.
    expect(cohenKappa(table, { weights: "linear" })).toBeCloseTo(1 - 13 / 40 / (1418 / 1600), 12);
    expect(cohenKappa(table, { weights: "quadratic" })).toBeCloseTo(1 - 15 / 40 / (2120 / 1600), 12);
  });

  test("the worked example of two readers of 50 grant proposals: 0.4", () => {
    expect(
      cohenKappa(
        pairsOf([
          [20, 5],
          [10, 15],
        ]),
      ),
    ).toBeCloseTo(0.4, 12);
  });

  test("a category that nobody chose widens the steps of weighted kappa only", () => {
    const pairs: [number, number][] = [
      [1, 1],
      [1, 5],
      [5, 5],
      [5, 1],
      [3, 5],
    ];
    const near = cohenKappa(pairs, { weights: "quadratic" });
    const whole = cohenKappa(pairs, { weights: "quadratic", categories: [1, 2, 3, 4, 5] });
    expect(near).toBeCloseTo(whole!, 12);
    const skewed = cohenKappa(pairs, { weights: "quadratic", categories: [1, 3, 4, 5] });
    expect(skewed).not.toBeCloseTo(whole!, 3);
    expect(cohenKappa(pairs)).toBe(cohenKappa(pairs, { categories: [1, 2, 3, 4, 5] }));
  });

  test("nothing to tell from chance is undefined; a stranger is refused", () => {
    expect(cohenKappa([])).toBeUndefined();
    expect(
      cohenKappa([
        ["yes", "yes"],
        ["yes", "yes"],
      ]),
    ).toBeUndefined();
    expect(() => cohenKappa([[1, 9]], { categories: [1, 2] })).toThrow(
      "kappa: ratings must be one of 1, 2, got 9.",
    );
  });
});

describe("Krippendorff's alpha", () => {
  // Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: 4 observers, 12 units, gaps.
  const observers = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
  ];
  const units = observers[0]!.map((_, u) => observers.map((row) => row[u]!).filter((value) => value > 0));

  test.each([
    ["nominal", 0.743],
    ["ordinal", 0.815],
    ["interval", 0.849],
    ["ratio", 0.797],
  ] as const)("the published example, %s", (level, alpha) => {
    expect(krippendorffAlpha(units, level)).toBeCloseTo(alpha, 3);
  });

  test("by hand: two raters, two values", () => {
    // Coincidences: 1-1 four, 2-2 two, 1-2 and 2-1 one each; 8 ratings. 1 - 7 * 2 / (2 * 5 * 3).
    const things = [
      [1, 1],
      [1, 1],
      [1, 2],
      [2, 2],
    ];
    expect(krippendorffAlpha(things, "nominal")).toBeCloseTo(1 - (7 * 2) / (2 * 5 * 3), 12);
  });

  test("things with one rating say nothing, and equal ratings leave nothing to measure", () => {
    expect(krippendorffAlpha([...units, [7], []], "interval")).toBe(krippendorffAlpha(units, "interval"));
    expect(krippendorffAlpha([[1], [2]], "interval")).toBeUndefined();
    expect(krippendorffAlpha([[3, 3], [3]], "ordinal")).toBeUndefined();
  });

  test("full agreement is 1, and the order of raters does not matter", () => {
    const thing = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(thing, { maxLength: 12 }), (things) => {
        for (const level of ["nominal", "ordinal", "interval", "ratio"] as const) {
          const alpha = krippendorffAlpha(things, level);
          const turned = krippendorffAlpha(
            things.map((ratings) => ratings.toReversed()),
            level,
          );
          if (alpha === undefined) expect(turned).toBeUndefined();
          else {
            expect(turned).toBeCloseTo(alpha, 9);
            expect(alpha).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }),
    );
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [4, 4],
        ],
        "ratio",
      ),
    ).toBe(1);
  });
});

test("percent agreement has Wilson's interval", () => {
  const { n, share, interval } = percentAgreement([
    ["a", "a"],
    ["a", "b"],
    [1, 1],
    [2, 2],
  ]);
  expect([n, share]).toEqual([4, 0.75]);
  // Wilson (1927) for 3 of 4.
  expect(interval![0]).toBeCloseTo(0.3006, 4);
  expect(interval![1]).toBeCloseTo(0.9544, 4);
  expect(percentAgreement([])).toEqual({ n: 0, share: undefined, interval: undefined });
});
