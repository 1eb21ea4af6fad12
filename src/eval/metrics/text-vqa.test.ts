import { expect, test } from "vitest";
import { normaliseTextVqa, textVqaAccuracy } from "./text-vqa.ts";

// By hand from the steps of the evaluator: lower case, no comma and question mark, " 's", then VQA's normalisation.
test.each([
  ["The Red Bus?", "red bus"],
  ["1,000 t-shirts", "1000 t shirts"],
  ["That's it", "that 's it"],
  ["DONT", "don't"],
  ["two, three", "2 3"],
  ["U.S.", "us"],
  ["3.5", "3.5"],
  [" black/white\n", "black white"],
  ["A", ""],
])("%j becomes %j", (text, expected) => {
  expect(normaliseTextVqa(text)).toBe(expected);
});

test("people are left out one by one, also when all wrote the same", () => {
  const people = (n: number) => [...Array<string>(n).fill("Dakota"), ...Array<string>(10 - n).fill("other")];
  expect([0, 1, 2, 3, 4, 10].map((n) => textVqaAccuracy("dakota?", people(n)))).toEqual(
    [0, 0.3, 0.6, 0.9, 1, 1].map((score) => expect.closeTo(score, 12)),
  );
});
