import fc from "fast-check";
import { expect, test } from "vitest";
import { corrupted, filler, paraphrased, truncated } from "./disturb.ts";

const rationale = "There is a cat on the left. I count 2 dogs. 1 + 2 = 3.";

test("truncated is the first half", () => {
  expect(truncated(rationale)).toBe("There is a cat on the left.");
  expect(truncated("one two three four")).toBe("one two");
  expect(truncated("one")).toBe("");
});

test("corrupted changes every number and every word with an opposite", () => {
  expect(corrupted(rationale)).toBe("There is no a cat on the right. I count 3 dogs. 2 + 3 = 4.");
  expect(corrupted("Yes, two are above. Cell a3.")).toBe("No, three are not below. Cell a3.");
  expect(corrupted("A red ball.")).toBeUndefined();
});

test("paraphrased says the same in other words", () => {
  expect(paraphrased("The picture shows 2 cats, so five in total.")).toBe(
    "Put another way: The image displays two cats, therefore 5 in sum.",
  );
});

test("filler says nothing, at the same length", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const empty = filler(text);
      expect(empty).toHaveLength(text.replace(/[\u{10000}-\u{10ffff}]/gu, ".").length);
      expect(empty).toMatch(/^[.\s]*$/);
    }),
  );
});
