import fc from "fast-check";
import { expect, test } from "vitest";
import { findLoop } from "./find-loop.ts";

const repeat = (text: string, n: number) => Array(n).fill(text).join(" ");

test("the passage that a text ends by repeating", () => {
  expect(findLoop(`I see a cat. ${repeat("so it is there", 6)}`)).toBe("so it is there");
  expect(findLoop(repeat("cat", 24))).toBe("cat");
  expect(findLoop(repeat("so it is there", 5))).toBeUndefined();
  expect(findLoop(repeat("cat", 23))).toBeUndefined();
  expect(findLoop(`${repeat("cat", 40)} and then a dog`)).toBeUndefined();
  expect(findLoop("")).toBeUndefined();
});

test("words that are all different are no loop, and repeating any of them enough is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (n) => {
      const words = Array.from({ length: n }, (_, i) => `w${i}`).join(" ");
      expect(findLoop(words)).toBeUndefined();
      expect(findLoop(repeat(words, 24))).toBe(words);
    }),
  );
});
