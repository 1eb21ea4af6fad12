import { describe, expect, test } from "vitest";
import { mcnemarP, meanInterval, quantile, wilsonInterval } from "./statistics.ts";

describe("wilsonInterval", () => {
  // Table I of Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%i of %i", (successes, n, low, high) => {
    const interval = wilsonInterval(successes, n)!;
    expect(Math.abs(interval[0] - low)).toBeLessThan(0.00006);
    expect(Math.abs(interval[1] - high)).toBeLessThan(0.00006);
  });

  test("all right ends at 1, and nothing asked has no interval", () => {
    expect(wilsonInterval(20, 20)![1]).toBe(1);
    expect(wilsonInterval(20, 20)![0]).toBeCloseTo(1 - 0.1611, 4);
    expect(wilsonInterval(0, 0)).toBeUndefined();
  });
});

describe("meanInterval", () => {
  test("is Wilson's for right and wrong", () => {
    expect(meanInterval([1, 0, 1, 1])).toEqual(wilsonInterval(3, 4));
  });

  test("is normal for graded scores: mean 0.6, standard deviation 0.1 of 4", () => {
    const [low, high] = meanInterval([0.5, 0.7, 0.5, 0.7])!;
    const half = (1.959963984540054 * Math.sqrt(0.04 / 3)) / 2;
    expect(low).toBeCloseTo(0.6 - half, 12);
    expect(high).toBeCloseTo(0.6 + half, 12);
  });

  test("never claims certainty from equal scores and stays within 0 and 1", () => {
    expect(meanInterval([0.5, 0.5])).toEqual(wilsonInterval(1, 2));
    expect(meanInterval([0.9])).toEqual(wilsonInterval(0.9, 1));
    expect(meanInterval([1, 1, 1, 0.2])![1]).toBe(1);
  });
});

describe("mcnemarP", () => {
  // Exact values of 2 * sum of C(n, i) / 2^n over i <= min(b, c), from whole-number arithmetic.
  test.each([
    [1, 9, 0.021484375],
    [6, 16, 0.052478790283203125],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [5, 5, 1],
    [59, 6, 4.964650327128617e-12],
    [400, 460, 0.04416954819458901],
    [0, 0, 1],
  ])("%i against %i", (b, c, p) => {
    expect(mcnemarP(b, c) / p).toBeCloseTo(1, 10);
    expect(mcnemarP(c, b)).toBe(mcnemarP(b, c));
  });
});

describe("quantile", () => {
  test("interpolates between the values around it", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
    expect(
      quantile(
        Array.from({ length: 101 }, (_, i) => i),
        0.95,
      ),
    ).toBe(95);
    expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5, 12);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});
