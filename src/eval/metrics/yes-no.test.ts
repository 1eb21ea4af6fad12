import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mmeScores } from "./mme.ts";
import { parseMme, parsePope, type YesNoItem, yesNoFigures } from "./yes-no.ts";

describe("parsePope", () => {
  test.each([
    ["Yes", "yes"],
    ["No", "no"],
    ["No, there is no dog.", "no"],
    ["no,", "no"],
    ["There is not a dog", "no"],
    ["Yes, there is. No doubt.", "yes"],
    ["I see a dog and no cat", "no"],
    ["", "yes"],
    ["maybe", "yes"],
    ["NO", "yes"],
    ["No\n", "yes"],
    ["no!", "yes"],
    ["There's none. No.", "yes"],
    ["Not here", "yes"],
    [".no", "yes"],
  ])("%j is %s", (answer, expected) => {
    expect(parsePope(answer)).toBe(expected);
  });
});

describe("parseMme", () => {
  test.each([
    ["Yes", "yes"],
    ["no", "no"],
    ["Yes, it is", "yes"],
    ["NO!", "no"],
    ["not", "no"],
    ["now", "no"],
    ["none", "no"],
    ['"No"', "no"],
    [" yes", "yes"],
    ["  yes", "other"],
    ["the answer is yes", "other"],
    ["I know", "other"],
    ["", "other"],
    ["maybe", "other"],
  ])("%j is %s", (answer, expected) => {
    expect(parseMme(answer)).toBe(expected);
  });
});

describe("yesNoFigures", () => {
  test("leaves other out of precision and recall but not out of accuracy", () => {
    const figures = yesNoFigures([
      { given: "yes", expected: "yes" },
      { given: "yes", expected: "yes" },
      { given: "yes", expected: "no" },
      { given: "no", expected: "yes" },
      { given: "no", expected: "no" },
      { given: "other", expected: "yes" },
      { given: "other", expected: "no" },
      { given: "no", expected: "no" },
    ]);
    expect(figures.accuracy).toBe(0.5);
    expect(figures.precision).toBeCloseTo(2 / 3, 12);
    expect(figures.recall).toBeCloseTo(2 / 3, 12);
    expect(figures.f1).toBeCloseTo(2 / 3, 12);
    expect(figures.yesRatio).toBe(0.375);
    expect(figures.otherRatio).toBe(0.25);
  });

  test("a share of nothing is 0", () => {
    const zero = { accuracy: 0, precision: 0, recall: 0, f1: 0, yesRatio: 0, otherRatio: 0 };
    expect(yesNoFigures([])).toEqual(zero);
    expect(yesNoFigures([{ given: "no", expected: "no" }])).toEqual({ ...zero, accuracy: 1 });
  });

  test("does not depend on order, and F1 lies between precision and recall", () => {
    const item: fc.Arbitrary<YesNoItem> = fc.record({
      given: fc.constantFrom("yes" as const, "no" as const, "other" as const),
      expected: fc.constantFrom("yes" as const, "no" as const),
    });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const figures = yesNoFigures(items);
        expect(yesNoFigures([...items].reverse())).toEqual(figures);
        const { precision, recall, f1 } = figures;
        if (precision === 0 || recall === 0) expect(f1).toBe(0);
        else {
          expect(f1).toBeGreaterThanOrEqual(Math.min(precision, recall) - 1e-12);
          expect(f1).toBeLessThanOrEqual(Math.max(precision, recall) + 1e-12);
        }
      }),
    );
  });
});

describe("mmeScores", () => {
  test("acc, acc+ and their sum for each subtask; sums for perception and cognition", () => {
    const row = (subtask: string, image: string, isRight: boolean) => ({ subtask, image, isRight });
    const scores = mmeScores([
      row("existence", "1.jpg", true),
      row("existence", "1.jpg", true),
      row("existence", "2.jpg", true),
      row("existence", "2.jpg", false),
      row("OCR", "1.jpg", true),
      row("OCR", "1.jpg", true),
      row("code_reasoning", "1.png", false),
      row("code_reasoning", "1.png", true),
      row("my own", "1.png", true),
    ]);
    expect(scores.subtasks).toEqual({
      existence: { accuracy: 0.75, accuracyPlus: 0.5, score: 1.25 },
      OCR: { accuracy: 1, accuracyPlus: 1, score: 2 },
      code_reasoning: { accuracy: 0.5, accuracyPlus: 0, score: 0.5 },
      "my own": { accuracy: 1, accuracyPlus: 1, score: 2 },
    });
    expect(scores.perception).toBe(3.25);
    expect(scores.cognition).toBe(0.5);
  });
});
