import { expect, test } from "vitest";
import { captionF1, namesF1, objectNames } from "./caption.ts";

test.each([
  ["A dog, two cats and a fire engine.", ["dog", "cats", "fire engine"]],
  ["dog, dogs, and a dog", ["dog"]],
  ["The picture shows a red apple and the sun", ["red apple", "sun"]],
  ["There are three mice.", ["mice"]],
  ["sand and candy", ["sand", "candy"]],
  ["", []],
])("%j names %j", (caption, names) => {
  expect(objectNames(caption)).toEqual(names);
});

test("F1 counts each name once and sees through number", () => {
  expect(namesF1(["dog", "cat"], ["cats", "dogs"])).toBe(1);
  expect(namesF1(["bus", "mouse"], ["buses", "mice"])).toBe(1);
  expect(namesF1(["scarf", "knife", "glove"], ["scarves", "knives", "gloves"])).toBe(1);
  expect(namesF1(["berries"], ["berry"])).toBe(1);
  expect(namesF1(["dog", "cat"], ["dog"])).toBeCloseTo(2 / 3, 12);
  expect(namesF1(["dog"], ["dog", "cat", "sun"])).toBeCloseTo(2 / 4, 12);
  expect(namesF1(["dog house"], ["dog"])).toBe(0);
  expect(namesF1([], ["dog"])).toBe(0);
  expect(namesF1(["glass"], ["glasses"])).toBe(1);
  expect(namesF1(["gras"], ["grass"])).toBe(0);
});

test("the best of several references counts", () => {
  const sample = { id: "q", instruction: "?", input: [], answers: ["a dog", "a dog and a cat"] };
  expect(captionF1().score("A cat and a dog.", sample)).toEqual({ score: 1, answer: "cat, dog" });
});
