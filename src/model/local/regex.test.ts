import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../errors/index.ts";
import { compileRegex, escapeRegex } from "./regex.ts";

/** Whether a text matches as a whole, read one character at a time. */
function matches(pattern: string, text: string): boolean {
  let state: ReturnType<typeof compileRegex> | undefined = compileRegex(pattern);
  for (const character of text) state = state?.step(character);
  return state?.accepts ?? false;
}

const patterns = [
  "",
  "abc",
  "a|bc|",
  "(ab)*c",
  "a+b?",
  "[a-c]{2,3}",
  "[^ab]c*",
  "a{0}b{2}",
  "(?:a|b){1,}c",
  "\\d+(?:\\.\\d{1,2})?",
  "\\w\\s\\w",
  "a.c",
  "[\\]\\-a]+",
  "(a*)*b",
  '\\{"a": \\[1\\]\\}',
  "((a|b)(c|d)?){2}",
];

describe("an expression", () => {
  test.each(patterns)("%s says of any text what JavaScript's own says", (pattern) => {
    const whole = new RegExp(`^(?:${pattern})$`, "s");
    const noLineEnd = pattern.includes(".") && !pattern.includes("\\.");
    const character = fc.constantFrom(...'aabbccd19. _-]{}"[:\\');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 8 }), (characters) => {
        const text = characters.join("");
        expect(matches(pattern, text)).toBe(
          noLineEnd ? new RegExp(`^(?:${pattern})$`).test(text) : whole.test(text),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("dead ends are known at once: no text that began wrongly is read on", () => {
    const state = compileRegex("dogs?");
    expect(state.step("d")).toBeDefined();
    expect(state.step("c")).toBeUndefined();
    expect(state.accepts).toBe(false);
  });

  test("characters beyond the basic plane are one character", () => {
    expect(matches("[🐕🐈]{2}", "🐕🐈")).toBe(true);
    expect(matches(".", "🐕")).toBe(true);
  });

  test("escaped text matches itself and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        expect(matches(escapeRegex(text), text)).toBe(true);
        if (other !== text) expect(matches(escapeRegex(text), other)).toBe(false);
      }),
    );
  });

  test.each([
    ["^a", "anchors"],
    ["a$", "anchors"],
    ["(?=a)", "look-around"],
    ["(a", "closed"],
    ["a)", "close a group"],
    ["[a", "closed"],
    ["*a", "repeat"],
    ["a*?", "lazy"],
    ["(a)\\1", "not supported"],
    ["a{3,2}", "below its start"],
    ["a{x}", "{ must open"],
    ["(?:(?:a{100}){100}){100}", "smaller than"],
  ])("%s is refused: %s", (pattern, reason) => {
    expect(() => compileRegex(pattern)).toThrow(InputError);
    expect(() => compileRegex(pattern)).toThrow(reason);
  });
});
