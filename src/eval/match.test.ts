import { describe, expect, test } from "vitest";
import type { Sample } from "../spec/index.ts";
import { chosenOption } from "../util/chosen-option.ts";
import { match } from "./match.ts";

const sample = (fields: Partial<Sample>): Sample => ({ id: "q1", instruction: "?", input: [], ...fields });
const score = (prediction: string, fields: Partial<Sample>) => match().score(prediction, sample(fields));

test("any accepted answer counts, and only a whole one", () => {
  expect(score("Two.", { response: "2" })).toEqual({ score: 1, answer: "2" });
  expect(score("a sofa", { response: "couch", answers: ["couch", "sofa"] })).toEqual({
    score: 1,
    answer: "sofa",
  });
  expect(score("25", { response: "5" })).toEqual({ score: 0, answer: "25" });
  expect(score("yes, there is", { response: "yes" })).toEqual({ score: 0, answer: "yes, there is" });
  expect(score("", { response: "yes" })).toEqual({ score: 0, answer: "" });
});

test("a Sample without a reference cannot be scored", () => {
  expect(() => score("yes", {})).toThrow(
    'sample "q1": must have a reference answer to be scored, got neither response nor answers.',
  );
});

describe("options", () => {
  const choices = ["cat", "dog", "a bee"];
  test.each([
    ["dog", 1],
    ["A dog.", 1],
    ["B", 1],
    ["b.", 1],
    ["(B)", 1],
    ["(b) dog", 1],
    ["B. dog", 1],
    ["B: Dog", 1],
    ["B)", 1],
    ["A", 0],
    ["C. a bee", 2],
    ["bee", 2],
    ["A. dog", undefined],
    ["D", undefined],
    ["cat or dog", undefined],
    ["Bird", undefined],
    ["a", 0],
    ["", undefined],
  ])("%j names option %s", (answer, option) => {
    expect(chosenOption(answer, choices)).toBe(option);
  });

  test("the reference may be a letter too, and an option's text wins over a letter", () => {
    expect(score("dog", { choices, response: "B" })).toEqual({ score: 1, answer: "dog" });
    expect(score("A", { choices: ["B", "A"], response: "A" })).toEqual({ score: 1, answer: "A" });
    expect(score("a fox", { choices, response: "dog" })).toEqual({
      score: 0,
      answer: "fox",
      reason: "names no single option",
    });
  });
});
