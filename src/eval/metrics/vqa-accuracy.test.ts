import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vqaAccuracy } from "./vqa-accuracy.ts";
import { normaliseVqa } from "./vqa-normalise.ts";

// Written by scripts/gold/vqa.py from the official code.
const gold = JSON.parse(readFileSync("scripts/gold/vqa.json", "utf8")) as {
  normalised: [text: string, normalised: string][];
  scores: [prediction: string, answers: string[], score: number][];
};

describe("normaliseVqa", () => {
  test.each([
    ["The red bus.", "red bus"],
    ["10,000", "10000"],
    ["1,000 people, maybe", "1000 people maybe"],
    ["Two dogs", "2 dogs"],
    ["none", "0"],
    ["dont", "don't"],
    ["black/white", "black white"],
    ["u.s.", "us"],
    ["3.5", "3.5"],
    ["3.", "3"],
    ["t-shirt", "t shirt"],
    ["6:30", "6:30"],
    ["$5.00", "$5.00"],
    ["ten-speed", "10 speed"],
    ["A", ""],
    ["yes!", "yes"],
    ["a, b", "b"],
    ["1,000 t-shirts", "1000 tshirts"],
    ["let's", "let's"],
    ["lets", "lets"],
    ["shes", "shes"],
    ["couldntve", "couldntve"],
    ["couldnt've", "couldn't've"],
    ["somebody'd", "somebodyd"],
  ])("%s", (text, normalised) => {
    expect(normaliseVqa(text)).toBe(normalised);
  });

  test("equals the official code on every contraction and on 200 random texts", () => {
    expect(gold.normalised.length).toBeGreaterThan(300);
    expect(gold.normalised.map(([text]) => [text, normaliseVqa(text)])).toEqual(gold.normalised);
  });
});

describe("vqaAccuracy", () => {
  test.each([
    [0, 0],
    [1, 0.3],
    [2, 0.6],
    [3, 0.9],
    [4, 1],
    [9, 1],
    [10, 1],
  ])("%i of ten people gave the answer", (k, score) => {
    const answers = Array.from({ length: 10 }, (_, i) => (i < k ? "red" : `other ${i}`));
    expect(vqaAccuracy("red", answers)).toBeCloseTo(score, 12);
  });

  test("equals the official code", () => {
    for (const [prediction, answers, score] of gold.scores) {
      expect(vqaAccuracy(prediction, answers), JSON.stringify([prediction, answers])).toBeCloseTo(score, 12);
    }
  });

  test("nothing is normalised when all people wrote the same", () => {
    expect(vqaAccuracy("yes", Array(10).fill("Yes"))).toBe(0);
    expect(vqaAccuracy("yes", [...Array(9).fill("Yes"), "no"])).toBe(1);
  });

  test("does not depend on the order of the answers and stays within 0 and 1", () => {
    const answer = fc.constantFrom("yes", "Yes.", "no", "2", "two", "the bus");
    const people = fc.array(answer, { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(answer, people, fc.integer({ min: 0, max: 9 }), (prediction, answers, turn) => {
        const score = vqaAccuracy(prediction, answers);
        expect(vqaAccuracy(prediction, [...answers.slice(turn), ...answers.slice(0, turn)])).toBe(score);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });
});
