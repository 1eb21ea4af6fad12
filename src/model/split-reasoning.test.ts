import fc from "fast-check";
import { expect, test } from "vitest";
import { splitReasoning, splitTags } from "./split-reasoning.ts";

test.each([
  ["<think>I see two.</think>2", "I see two.", "2"],
  ["<THINKING>\nI see two.\n</THINKING>\n\n2", "I see two.", "2"],
  ["I see two.</think>2", "I see two.", "2"],
  ["<think>I see two", "I see two", ""],
  ["<think>a<think>b</think>c</think>2", "a\nb\nc", "2"],
  ["<think>a</think>2<reasoning>b</reasoning>", "a\nb", "2"],
  ["2 < 3 and <b>bold</b>", "", "2 < 3 and <b>bold</b>"],
  ["a</think>b</think>c", "a\nb", "c"],
])("%j", (text, reasoning, said) => {
  expect(splitTags(text)).toEqual({ reasoning, text: said });
});

test("native reasoning comes before tagged thoughts, and neither is text", () => {
  expect(
    splitReasoning([
      { type: "reasoning", text: "native" },
      { type: "text", text: "<think>tagged</think>" },
      { type: "text", text: "yes" },
    ]),
  ).toEqual({ reasoning: "native\ntagged", text: "yes" });
});

test("no word is lost, whatever the tags", () => {
  const piece = fc.constantFrom("<think>", "</think>", "one", "two", " ", "\n", "</reasoning>");
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const words = (text: string) => (text.match(/one|two/g) ?? []).sort();
      const { reasoning, text } = splitTags(pieces.join(""));
      expect(words(reasoning + text)).toEqual(words(pieces.join("")));
      expect(reasoning + text).not.toMatch(/<\/?(think|reasoning)>/);
    }),
  );
});
