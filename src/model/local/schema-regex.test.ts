import { describe, expect, test } from "vitest";
import { compileRegex } from "./regex.ts";
import { schemaRegex } from "./schema-regex.ts";

function fits(schema: object, json: string): boolean {
  let state: ReturnType<typeof compileRegex> | undefined = compileRegex(
    schemaRegex(schema as never, "schema"),
  );
  for (const character of json) state = state?.step(character);
  return state?.accepts ?? false;
}

const call = {
  type: "object",
  properties: {
    image: { type: "string", minLength: 1 },
    name: { type: "string", maxLength: 5 },
    box: { type: "array", items: { type: "number" }, minItems: 4, maxItems: 4 },
    kind: { enum: ["a", "b"] },
  },
  required: ["image"],
};

describe("JSON of a schema", () => {
  test.each([
    '{"image": "image_1"}',
    '{"image": "image_1", "name": "dog"}',
    '{"image": "image_1", "box": [0, 1.5, -2, 30]}',
    '{"image": "image_1", "name": "dog", "box": [0, 1, 2, 3], "kind": "b"}',
  ])("%s fits, and JSON can read it", (json) => {
    expect(fits(call, json)).toBe(true);
    expect(() => JSON.parse(json)).not.toThrow();
  });

  test.each([
    "{}",
    '{"image": ""}',
    '{"name": "dog", "image": "image_1"}',
    '{"image": "image_1", "name": "longer"}',
    '{"image": "image_1", "box": [0, 1, 2]}',
    '{"image": "image_1", "kind": "c"}',
    '{"image": "im"age"}',
    '{"image": "image_1", }',
    '{"image": "a\\"}',
  ])("%s does not", (json) => {
    expect(fits(call, json)).toBe(false);
  });

  test("all properties optional: any of them may come first, or none", () => {
    const schema = { type: "object", properties: { a: { type: "integer" }, b: { type: "boolean" } } };
    for (const json of ["{}", '{"a": 1}', '{"b": true}', '{"a": 1, "b": false}'])
      expect(fits(schema, json)).toBe(true);
    expect(fits(schema, '{"b": true, "a": 1}')).toBe(false);
  });

  test("alternatives, constants, null and numbers", () => {
    expect(fits({ anyOf: [{ type: "null" }, { const: 3 }] }, "3")).toBe(true);
    expect(fits({ type: ["integer", "null"] }, "null")).toBe(true);
    expect(fits({ type: "integer" }, "01")).toBe(false);
    expect(fits({ type: "number" }, "-0.25")).toBe(true);
    expect(fits({ type: "array", items: { type: "null" } }, "[]")).toBe(true);
  });

  test("what cannot be kept is refused, with its place", () => {
    expect(() => schemaRegex({ type: "object", properties: { a: {} } }, "tool")).toThrow("tool.a");
    expect(() => schemaRegex({ type: "string", pattern: "x" }, "tool")).toThrow("local model can be held to");
  });
});
