import { describe, expect, test } from "vitest";
import type { Query } from "../spec/index.ts";
import { isAllowed, isBareAnswer, readAnswer, readBareAnswer } from "./read-answer.ts";

const query = (fields: Partial<Query> = {}): Query => ({
  id: "q",
  group: "q",
  question: "?",
  imageIds: [],
  ...fields,
});
const number = query({ answerType: "number" });
const choice = query({ answerType: "choice", choices: ["cat", "dog"] });

describe("an answer", () => {
  test.each([
    ["Two left, one right.\nAnswer: 3", number, "Two left, one right.", "3"],
    ["Two.\n**Answer:** 3.", number, "Two.", "3."],
    ["Two.\n**Final answer: 3**", number, "Two.", "3"],
    ["Two.\n### Answer:\n3", number, "Two.", "3"],
    ["Two.\nAnswer: 3\n```", number, "Two.", "3"],
    ["Two.\nTherefore, the answer is 3", number, "Two.\nTherefore,", "3"],
    ["So the final answer is: \\boxed{3}.", number, "So the final answer is: \\boxed{3}.", "3"],
    ["It barks.\nAnswer: (B) dog", choice, "It barks.", "(B) dog"],
    ["It barks.\nAnswer: The answer is (B).", choice, "It barks.", "(B)."],
    ["There is one.\nAnswer: Yes, there is.", query({ answerType: "yes-no" }), "There is one.", "Yes"],
    [
      "It is old.\nAnswer: A harbour.\nBoats lie in it.",
      query(),
      "It is old.",
      "A harbour.\nBoats lie in it.",
    ],
    ["Answer: 2\nNo, one is hidden.\nAnswer: 3", number, "Answer: 2\nNo, one is hidden.", "3"],
  ])("of %j", (text, of, rationale, answer) => {
    expect(readAnswer(text, of)).toEqual({ rationale, answer });
  });
});

describe("a step is no answer", () => {
  test.each([
    ["How many cats?\nAnswer: 2\nHow many dogs?\nAnswer: 3\nSo there are 5."],
    ["1. Answer: 2"],
    ["The answer is 2 for the left half.\nThe right half is hidden."],
    ["Answer to the first part: 2"],
    ["There are 3 cats."],
    ["Answer:"],
    [""],
  ])("%j", (text) => {
    expect(readAnswer(text, number).answer).toBeUndefined();
  });
});

test("a reply that was to be only the answer is one, unless it goes on and on", () => {
  expect(readBareAnswer("3", number).answer).toBe("3");
  expect(readBareAnswer("The answer is 3", number).answer).toBe("3");
  expect(readBareAnswer("I see 2.\nOr 3.", number)).toEqual({ rationale: "I see 2.\nOr 3." });
  expect(readBareAnswer("A harbour.\nWith boats.", query()).answer).toBe("A harbour.\nWith boats.");
});

test("a text without a mark is an answer only where nothing else could be meant", () => {
  expect(isBareAnswer("three", number)).toBe(true);
  expect(isBareAnswer("three cats", number)).toBe(false);
  expect(isBareAnswer("B", choice)).toBe(true);
  expect(isBareAnswer("a ball", query({ answerType: "short" }))).toBe(false);
  expect(isBareAnswer("3", query())).toBe(false);
});

test("allowed is what can be right", () => {
  expect(isAllowed("B. dog", choice)).toBe(true);
  expect(isAllowed("C", choice)).toBe(false);
  expect(isAllowed("a cow", choice)).toBe(false);
  expect(isAllowed("No.", query({ answerType: "yes-no" }))).toBe(true);
  expect(isAllowed("maybe", query({ answerType: "yes-no" }))).toBe(false);
  expect(isAllowed("maybe", query())).toBe(true);
});
