import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { drawWord, words, wordsOf } from "./words.ts";

test("the dictionary has at least 500 words of three to six capital letters, each once", () => {
  expect(words.length).toBeGreaterThanOrEqual(500);
  expect(new Set(words).size).toBe(words.length);
  for (const word of words) expect(word).toMatch(/^[A-Z]{3,6}$/);
});

test("a fifth is held out, and the splits share nothing", () => {
  const [train, val, held] = [wordsOf("train"), wordsOf("val"), wordsOf("test")];
  expect([...train, ...val, ...held].sort()).toEqual(words);
  expect((val.length + held.length) / words.length).toBeCloseTo(0.2, 1);
  expect(wordsOf("test-style")).toEqual(held);
});

test("training says made-up strings too, but never a held-out word", () => {
  const heldOut = new Set([...wordsOf("val"), ...wordsOf("test")]);
  const dictionary = new Set(words);
  const rng = createRng("words");
  let known = 0;
  for (let i = 0; i < 5000; i++) {
    const word = drawWord("train", rng);
    if (heldOut.has(word) || !/^[A-Z]{3,6}$/.test(word)) expect.fail(word);
    if (dictionary.has(word)) known++;
  }
  expect(known / 5000).toBeGreaterThan(0.3);
  expect(known / 5000).toBeLessThan(0.45);
  for (let i = 0; i < 200; i++) expect(wordsOf("test")).toContain(drawWord("test", rng));
});
