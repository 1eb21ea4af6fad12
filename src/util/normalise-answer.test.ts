import { expect, test } from "vitest";
import { normaliseAnswer } from "./normalise-answer.ts";

test.each([
  ["Yes.", "yes"],
  ["  A  red   Dog ", "red dog"],
  ["the cat and a dog", "cat and dog"],
  ["Three", "3"],
  ["twenty", "20"],
  ["twenty-one", "twenty-one"],
  ["zero dogs", "0 dogs"],
  ['"Stop"', "stop"],
  ["3.5", "3.5"],
  ["3.", "3"],
  ["A", "a"],
  ["The.", "the"],
  ["theatre", "theatre"],
  ["ＡＢＣ", "abc"],
  ["", ""],
])("%j is compared as %j", (answer, expected) => {
  expect(normaliseAnswer(answer)).toBe(expected);
});
