import { expect, test } from "vitest";
import { splitSteps } from "./steps.ts";

test.each([
  ["One left.\nTwo right.", ["One left.", "Two right."]],
  ["1. One left.\n2) Two right.\n- Three.\nStep 4: Four.", ["One left.", "Two right.", "Three.", "Four."]],
  ["apple: 1 a3, 2 c4. pear: 1 d2. 2 + 1 = 3.", ["apple: 1 a3, 2 c4.", "pear: 1 d2.", "2 + 1 = 3."]],
  ["1. Look left. 2. Look right.", ["Look left.", "Look right."]],
  ["It is 2.5 high! Is it?", ["It is 2.5 high!", "Is it?"]],
  ["2 cats", ["2 cats"]],
  ["...\n", []],
])("%j", (rationale, steps) => {
  expect(splitSteps(rationale)).toEqual(steps);
});
