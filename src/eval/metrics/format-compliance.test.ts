import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Constraint, constraintSchema, formatCompliance } from "./format-compliance.ts";

const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};

describe("formatCompliance, strict", () => {
  test.each<[answer: string, constraint: Constraint, isMet: boolean]>([
    ["one two three", { type: "words", min: 3, max: 3 }, true],
    ["one two three", { type: "words", max: 2 }, false],
    ["isn't it", { type: "words", min: 3, max: 3 }, true],
    ["It is red. It is big! Is it?", { type: "sentences", min: 3, max: 3 }, true],
    ["It costs 3.50 dollars.", { type: "sentences", max: 1 }, true],
    ["  😀ab ", { type: "characters", min: 3, max: 3 }, true],
    ["abcd", { type: "characters", max: 3 }, false],
    ["Here:\n- a\n * b\n• c\n**bold** text\n---", { type: "bullets", min: 3, max: 3 }, true],
    ["a - b", { type: "bullets", min: 1 }, false],
    ["all lower, 1 été", { type: "case", is: "lower" }, true],
    ["Not lower", { type: "case", is: "lower" }, false],
    ["ALL UPPER É!", { type: "case", is: "upper" }, true],
    ["123", { type: "case", is: "upper" }, false],
    ["Это собака", { type: "script", is: "Cyrillic" }, true],
    ["Это собака", { type: "script", is: "Latin" }, false],
    ["这是狗", { type: "script", is: "Han" }, true],
    ["The dog says это", { type: "script", is: "Latin" }, false],
    ["123", { type: "script", is: "Latin" }, false],
    ['{"a": 1}', { type: "json" }, true],
    ['```json\n{"a": 1}\n```', { type: "json" }, true],
    ["{a: 1}", { type: "json" }, false],
    ['{"name": "x", "age": 3}', { type: "json", schema: person }, true],
    ['{"name": "x", "age": -3}', { type: "json", schema: person }, false],
    ['{"age": 3}', { type: "json", schema: person }, false],
    ['{"name": "x", "size": 3}', { type: "json", schema: person }, false],
    ["Yes.", { type: "yes-no" }, true],
    ["NO", { type: "yes-no" }, true],
    ['"no."', { type: "yes-no" }, true],
    ["Yes, it is", { type: "yes-no" }, false],
    ["none", { type: "yes-no" }, false],
    ["A Dog and a cat", { type: "includes", texts: ["dog", "CAT"] }, true],
    ["A dog", { type: "includes", texts: ["dog", "cat"] }, false],
    ["A category", { type: "excludes", texts: ["cat"] }, true],
    ["A Cat!", { type: "excludes", texts: ["dog", "cat"] }, false],
    ["C++ (old)", { type: "excludes", texts: ["(old)"] }, false],
    ["Sure, a dog", { type: "starts-with", text: "sure" }, true],
    ["A dog, sure", { type: "starts-with", text: "sure" }, false],
    ['"That is all."', { type: "ends-with", text: "that is all." }, true],
    ["That is all, ok", { type: "ends-with", text: "all" }, false],
  ])("%j, %j", (answer, constraint, isMet) => {
    expect(formatCompliance(answer, [constraint]).strict).toEqual([isMet]);
  });

  test("an empty answer meets nothing, not even an upper limit", () => {
    expect(
      formatCompliance(" \n", [
        { type: "words", max: 5 },
        { type: "excludes", texts: ["x"] },
      ]),
    ).toEqual({
      strict: [false, false],
      loose: [false, false],
    });
  });

  test("a count is met exactly from min to max", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(9), (n, min, max) => {
        const answer = Array(n).fill("word").join(" ");
        const met = formatCompliance(answer, [{ type: "words", min, max }]).strict[0];
        expect(met).toBe(n >= min && n <= max);
      }),
    );
  });
});

test("loose forgives a first line, a last line and asterisks; each constraint takes its own best variant", () => {
  const answer = "Sure, here it is:\n**red** dog\nI hope this helps!";
  const constraints: Constraint[] = [
    { type: "words", max: 2 },
    { type: "starts-with", text: "red" },
    { type: "case", is: "upper" },
  ];
  expect(formatCompliance(answer, constraints)).toEqual({
    strict: [false, false, false],
    loose: [true, true, false],
  });
});

test.each([
  [{ type: "script", is: "Klingon" }, "must be a Unicode script such as Latin, Cyrillic, Han or Arabic"],
  [{ type: "json", schema: { type: "nope" } }, "must be a JSON Schema"],
])("%j is refused", (constraint, message) => {
  expect(constraintSchema.safeParse(constraint).error?.issues[0]?.message).toBe(message);
});
