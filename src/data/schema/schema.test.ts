import { describe, expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { Part, Query, Sample } from "../../spec/index.ts";
import { issueText, type partSchema, type querySchema, sampleSchema } from "./index.ts";

test("the schemas say exactly what the spec's types say (checked by tsc)", () => {
  expectTypeOf<z.infer<typeof sampleSchema>>().toEqualTypeOf<Sample>();
  expectTypeOf<z.infer<typeof partSchema>>().toEqualTypeOf<Part>();
  expectTypeOf<z.infer<typeof querySchema>>().toEqualTypeOf<Query>();
});

const sample: Sample = {
  id: "q1",
  group: "p1",
  turns: [
    { role: "user", content: [{ type: "text", text: "What is this?" }] },
    { role: "assistant", content: [{ type: "text", text: "A park." }], loss: false },
  ],
  instruction: "How many dogs are there?",
  input: [
    { type: "image", source: "p1.png", hash: `sha256:${"0a".repeat(32)}`, width: 112, height: 112 },
    { type: "text", text: "Look well." },
  ],
  response: "two",
  answers: ["two", "2"],
  answerType: "number",
  type: "counting",
  regions: [{ label: "dog", box: [1, 2, 30, 40], image: 0 }],
  provenance: { dataset: "scenes", seed: 1 },
  extra: { anything: [1, null] },
};

test("a full sample passes unchanged", () => {
  expect(sampleSchema.parse(sample)).toEqual(sample);
});

describe("what breaks the schema is said in one line", () => {
  test.each<[string, object, string]>([
    ["a missing field", { id: undefined }, "id: missing, must be a string"],
    ["a wrong type", { instruction: 5 }, "instruction: must be a string, got number"],
    [
      "a bad word",
      { answerType: "bool" },
      'answerType: must be one of "yes-no", "number", "choice", "short", "caption", "free"',
    ],
    ["a slip in a name", { respons: "two" }, 'unknown field "respons" (did you mean "response"?)'],
    [
      "an upside-down box",
      { regions: [{ label: "dog", box: [3, 2, 1, 4] }] },
      "regions[0].box: must be [x1, y1, x2, y2] with x1 < x2 and y1 < y2",
    ],
    [
      "a part of no kind",
      { input: [{ type: "picture", source: "a" }] },
      'input[0].type: must be one of "text", "image", "audio", "video"',
    ],
    ["an empty source", { input: [{ type: "image", source: "" }] }, "input[0].source: must not be empty"],
    ["two problems", { id: "", type: 5 }, "id: must not be empty (and 1 more)"],
  ])("%s", (_, change, message) => {
    const result = sampleSchema.safeParse({ ...sample, ...change });
    expect(result.success).toBe(false);
    expect(issueText(result.error!, Object.keys(sampleSchema.shape))).toBe(message);
  });
});
