// Against SciPy and statsmodels (scripts/gold/significance.py made the values), and against properties.

import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mcnemarP } from "../statistics.ts";
import * as significance from "./index.ts";

const gold = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../../scripts/gold/significance.json"), "utf8"),
);
const close = (value: number, expected: number) =>
  expect(Math.abs(value - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)));

describe("reference values", () => {
  test("normal distribution", () => {
    for (const [x, p] of gold.normalCdf) close(significance.normalCdf(x), p);
    expect(significance.normalCdf(-6) / gold.normalCdf[0][1]).toBeCloseTo(1, 9);
    for (const [p, x] of gold.normalQuantile) close(significance.normalQuantile(p), x);
  });
  test("Student's t distribution", () => {
    for (const [t, degrees, p] of gold.studentCdf) close(significance.studentCdf(t, degrees), p);
    for (const [p, degrees, t] of gold.studentQuantile) close(significance.studentQuantile(p, degrees), t);
  });
  test("paired t test", () => {
    const { differences, t, p, interval } = gold.pairedT;
    const result = significance.pairedT(differences)!;
    close(result.t, t);
    close(result.p, p);
    close(result.interval[0], interval[0]);
    close(result.interval[1], interval[1]);
  });
  test("exact permutation test", () => {
    const { differences, p } = gold.permutation;
    close(significance.permutationP(differences, { seed: 0 }), p);
  });
  test("clustered standard error", () => {
    const { values, clusters, error } = gold.clustered;
    close(significance.clusteredError(significance.groupBy(values, clusters))!, error);
  });
  test("corrections for several comparisons", () => {
    for (const [i, p] of significance.holm(gold.holm.ps).entries()) close(p, gold.holm.adjusted[i]);
    const shares = significance.benjaminiHochberg(gold.holm.ps);
    for (const [i, p] of shares.entries()) close(p, gold.benjaminiHochberg.adjusted[i]);
  });
  test("pairs needed: the normal approximation is within 3 of the t test's power", () => {
    const { difference, deviation, n } = gold.pairsNeeded;
    expect(Math.abs(significance.pairsNeeded(difference, deviation) - n)).toBeLessThan(3);
    const pairs = significance.pairsNeeded(difference, deviation);
    expect(significance.minimumDetectableDifference(pairs, deviation)).toBeLessThanOrEqual(difference);
    expect(significance.minimumDetectableDifference(pairs - 1, deviation)).toBeGreaterThan(difference);
  });
});

describe("properties", () => {
  const scores = fc.array(
    fc.integer({ min: 0, max: 4 }).map((x) => x / 4),
    { minLength: 2, maxLength: 40 },
  );

  test("one value a cluster: the clustered error is the usual standard error", () => {
    fc.assert(
      fc.property(scores, (values) => {
        const n = values.length;
        const mean = values.reduce((a, b) => a + b) / n;
        const usual = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1) / n);
        expect(significance.clusteredError(values.map((v) => [v]))).toBeCloseTo(usual, 12);
      }),
    );
  });

  test("copies of every question do not make the clustered error smaller", () => {
    fc.assert(
      fc.property(scores, (values) => {
        const once = significance.clusteredError(values.map((v) => [v]))!;
        const thrice = significance.clusteredError(values.map((v) => [v, v, v]))!;
        expect(thrice).toBeCloseTo(once, 12);
      }),
    );
  });

  test("the bootstrap is seeded, holds the mean, and is about as wide as the normal interval", () => {
    const values = Array.from({ length: 200 }, (_, i) => [i % 4 === 0 ? 1 : 0]);
    const [low, high] = significance.bootstrapInterval(values, { seed: 1 })!;
    expect(significance.bootstrapInterval(values, { seed: 1 })).toEqual([low, high]);
    const half = 1.96 * significance.clusteredError(values)!;
    expect(Math.abs(low - (0.25 - half))).toBeLessThan(0.012);
    expect(Math.abs(high - (0.25 + half))).toBeLessThan(0.012);
  });

  test("drawn permutations agree with the exact test", () => {
    const differences = [0.5, -0.25, 1, 0.75, -1, 0.5, 0.25, 1, 1, -0.5, 0.75, 1, 0.25, 1, -0.25, 0.5];
    const exact = significance.permutationP(differences, { seed: 0 });
    // The 17th difference is too small to matter, but makes the test draw instead of counting.
    const drawn = significance.permutationP([...differences, 1e-9], { seed: 0 });
    expect(Math.abs(drawn - exact)).toBeLessThan(0.006);
  });

  test("many differences: the normal limit is next to the draws and to McNemar's exact test", () => {
    const differences = (n: number) => Array.from({ length: n }, (_, i) => (i % 100 < 52 ? 1 : -1));
    const drawn = significance.permutationP(differences(5000), { seed: 0 });
    const limit = significance.permutationP(differences(5100), { seed: 0 });
    expect(Math.abs(drawn - mcnemarP(2600, 2400))).toBeLessThan(0.002);
    expect(Math.abs(limit - mcnemarP(2652, 2448))).toBeLessThan(0.0003);
  });

  test("equal differences and no differences", () => {
    expect(significance.pairedT([0, 0, 0])!.p).toBe(1);
    expect(significance.pairedT([0.5, 0.5])!.p).toBe(0);
    expect(significance.pairedT([1])).toBeUndefined();
    expect(significance.permutationP([], { seed: 0 })).toBe(1);
  });
});

describe("verdict", () => {
  const counts = (onlyColumn: number, onlyAgainst: number, n = 100) => ({ n, onlyColumn, onlyAgainst });
  test("tells the direction when the test does", () => {
    expect(significance.verdictOf(counts(30, 5), 0.001)).toEqual({ verdict: "better" });
    expect(significance.verdictOf(counts(5, 30), 0.001)).toEqual({ verdict: "worse" });
  });
  test("says how many more questions would tell", () => {
    // ((1.9600 * sqrt(0.15) + 0.8416 * sqrt(0.1475)) / 0.05)^2 = 468.6
    expect(significance.verdictOf(counts(10, 5), 0.3)).toEqual({
      verdict: "cannot tell",
      moreQuestions: 369,
    });
    expect(significance.verdictOf(counts(5, 5), 1)).toEqual({ verdict: "cannot tell", moreQuestions: null });
    // Three of three is not enough for the exact test, and neither are four or five: 2 / 2^6 is the first below 5%.
    expect(significance.verdictOf(counts(0, 3, 3), 0.25)).toEqual({
      verdict: "cannot tell",
      moreQuestions: 3,
    });
  });
});
