import { describe, expect, test } from "vitest";
import { checkSteps } from "./check-steps.ts";

const holds = (rationale: string, answer?: string) =>
  checkSteps(rationale, answer).map(({ kind, computed, holds }) => [kind, computed, holds]);

describe("what can be recomputed", () => {
  test.each<[string, [string, string, boolean][]]>([
    ["2 + 1 = 3.", [["arithmetic", "3", true]]],
    ["2 + 2 * 3 = 12.", [["arithmetic", "8", false]]],
    ["10 - 2 - 3 = 5", [["arithmetic", "5", true]]],
    ["3 - -2 = 5", [["arithmetic", "5", true]]],
    ["Two plus three is 6.", [["arithmetic", "5", false]]],
    ["9 / 2 = 4.5", [["arithmetic", "4.5", true]]],
    ["3 x 4 = 12", [["arithmetic", "12", true]]],
    ["5 is more than 7.", [["comparison", "the opposite", false]]],
    ["7 > 5, so the bar is taller.", [["comparison", "7 > 5", true]]],
    ["I see three cats: one left, one right, and one above.", [["list", "3", true]]],
    ["I see 3 cats: one left and one right.", [["list", "2", false]]],
    ["apple: 1 a3, 2 c4, 3 d1.", [["list", "3", true]]],
    ["apple: 1 a3, 3 c4.", [["list", "2", false]]],
    ["A cat sits on the 2nd step. It is 3 years old.", []],
    ["The sign says 12 + 5 tools", []],
    ["", []],
  ])("%j", (rationale, expected) => {
    expect(holds(rationale)).toEqual(expected);
  });
});

test("the answer must be what the last step came to", () => {
  expect(holds("apple: 1 a3, 2 c4. pear: 1 d2. 2 + 1 = 3.", "three")).toEqual([
    ["list", "2", true],
    ["list", "1", true],
    ["arithmetic", "3", true],
    ["conclusion", "3", true],
  ]);
  expect(holds("2 + 1 = 3.", "4").at(-1)).toEqual(["conclusion", "3", false]);
  expect(holds("2 + 1 = 3.", "yes")).toHaveLength(1);
  // The last step says nothing that can be computed, so it cannot be held against the answer.
  expect(holds("2 + 1 = 3.\nOne of them is a toy.", "2")).toHaveLength(1);
});
