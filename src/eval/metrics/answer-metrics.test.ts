import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anls } from "./anls.ts";
import { isExactMatch } from "./exact.ts";
import { isNumericMatch, numberIn } from "./numeric.ts";
import { isRelaxedMatch } from "./relaxed.ts";

describe("isExactMatch", () => {
  test.each([
    ["The Dog.", ["dog"], true],
    ["two", ["2"], true],
    ["dogs", ["dog"], false],
    ["", ["dog"], false],
    ["cat", ["dog", "a cat"], true],
  ])("%s against %j", (prediction, answers, expected) => {
    expect(isExactMatch(prediction, answers)).toBe(expected);
  });
});

describe("anls", () => {
  test.each([
    ["Jan 5 2019", ["January 5, 2019"], 2 / 3],
    ["T. Smith", ["Dr. T. Smith", "T Smith"], 0.875],
    ["abcd", ["abxy"], 0],
    ["  ABC\n d", ["abc d"], 1],
    ["", [""], 1],
    ["", ["a"], 0],
    ["a", [""], 0],
    ["kitten", ["sitting"], 1 - 3 / 7],
    // Two characters of two UTF-16 units each, one of them replaced: exactly half.
    ["😀😁", ["😀😂"], 0],
    ["😀😁a", ["😀😂a"], 2 / 3],
  ])("%s against %j", (prediction, answers, score) => {
    expect(anls(prediction, answers)).toBeCloseTo(score, 12);
  });

  test("half the length scores 0 by the paper and 0.5 in the usual code, less is 0 in both", () => {
    expect(anls("abcd", ["abxy"], { atHalf: 0.5 })).toBe(0.5);
    expect(anls("abcd", ["axyz"], { atHalf: 0.5 })).toBe(0);
  });

  test("is symmetric, 1 for the same text, and never between 0 and one half", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "Ä"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const score = anls(a, [b]);
        expect(anls(b, [a])).toBe(score);
        expect(anls(a, [b, a])).toBe(1);
        expect(score === 0 || (score > 0.5 && score <= 1)).toBe(true);
      }),
    );
  });
});

describe("isRelaxedMatch", () => {
  test.each([
    ["100", "105", true],
    ["100", "105.1", false],
    ["50%", "0.5", true],
    ["50%", "50", false],
    ["1,000", "1000", false],
    ["0", "0.0", false],
    ["0", "0", true],
    ["2019", "2015", true],
    ["Yes", "yes", true],
    ["yes", "yes.", false],
    ["-10", "-9.6", true],
    ["-10", "10", false],
    ["10", "ten", false],
    ["1e3", "1_000", true],
    ["5 %", "0.05", true],
    [".5", " 0.5 ", true],
    ["nan", "nan", false],
    ["0x10", "16", false],
    ["", "", true],
  ])("target %s, prediction %s", (target, prediction, expected) => {
    expect(isRelaxedMatch(prediction, [target])).toBe(expected);
  });

  test("any of several targets will do, and the tolerance can be set", () => {
    expect(isRelaxedMatch("7", ["seven", "7.1"])).toBe(true);
    expect(isRelaxedMatch("7", ["seven", "7.1"], 0.01)).toBe(false);
  });

  test("a number always matches itself and every number within 5%", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: -0.049, max: 0.049, noNaN: true }),
        (n, d) => {
          expect(isRelaxedMatch(String(n * (1 + d)), [String(n)])).toBe(true);
          expect(isRelaxedMatch(String(n * 1.051), [String(n)])).toBe(false);
        },
      ),
    );
  });
});

describe("numberIn", () => {
  test.each([
    ["3", 3],
    ["There are three dogs.", 3],
    ["1,234.5 m", 1234.5],
    ["$5.00", 5],
    ["50%", 50],
    ["5cm", 5],
    ["-2", -2],
    [".5", 0.5],
    ["1.5e3", 1500],
    ["2 dogs, 2 in all", 2],
    ["2 + 2 = 4", 4],
    ["The answer is 7, since 3 + 4 = 7.", 7],
    ["Answer: 12 of 20", 12],
    ["2 or 3", undefined],
    ["2-3", undefined],
    ["1,5", undefined],
    ["B2", undefined],
    ["many", undefined],
    ["", undefined],
  ])("%s", (text, number) => {
    expect(numberIn(text)).toBe(number);
  });

  test("matches within the tolerance, and never without a number", () => {
    expect(isNumericMatch("about 98", ["100"], 0.02)).toBe(true);
    expect(isNumericMatch("about 98", ["100"], 0.01)).toBe(false);
    expect(isNumericMatch("98", ["100", "98.0"])).toBe(true);
    expect(isNumericMatch("none", ["zero"])).toBe(false);
  });
});
