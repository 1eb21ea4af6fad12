import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { circularGroups, circularPasses } from "./circular.ts";
import { extractChoice } from "./multiple-choice.ts";
import { extractScienceQa } from "./science-qa.ts";

describe("extractChoice", () => {
  const options = ["red ball", "dog", "cat", "bird"];

  test.each([
    ["B", "B", "letter"],
    ["(B)", "B", "letter"],
    ["B. dog", "B", "letter"],
    ["**C**", "C", "letter"],
    ["The answer is D.", "D", "letter"],
    ["I think that it is surely B", "B", "letter"],
    ["b", "Z", "none"],
    // The letter is not among the last four words, and one option's text is there.
    ["B because there is clearly a dog", "B", "text"],
    ["The correct answer is **B**. It lies on the floor.", "B", "phrase"],
    ["A or B", "Z", "none"],
    ["A dog", "A", "letter"],
    ["A cat is in it, I see no other beast", "C", "text"],
    ["It is a Dog", "B", "text"],
    ["a dog and a cat", "Z", "none"],
    ["a dog, as far as I can see from here, which is not very far", "Z", "none"],
    ["the answer is because of it, not sure at all", "B", "phrase"],
    ["Z", "Z", "letter"],
    ["Cannot determine the answer, B", "Z", "refusal"],
    ["I'm sorry, but without the image provided I cannot say. B", "Z", "refusal"],
    ["", "Z", "none"],
    ["E", "Z", "none"],
  ])("%s", (answer, letter, by) => {
    expect(extractChoice(answer, options)).toEqual({ letter, by });
  });

  test("a letter or an option's text alone always chooses that option", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.constantFrom("", ".", ")", ":"), (index, mark) => {
        const letter = "ABCD"[index]!;
        expect(extractChoice(letter + mark, options).letter).toBe(letter);
        expect(extractChoice(options[index]!.toUpperCase(), options).letter).toBe(letter);
      }),
    );
  });
});

describe("CircularEval", () => {
  test("the key moves with the options", () => {
    expect(circularPasses(["w", "x", "y"], 1)).toEqual([
      { options: ["w", "x", "y"], answer: 1 },
      { options: ["x", "y", "w"], answer: 0 },
      { options: ["y", "w", "x"], answer: 2 },
    ]);
  });

  test("the option at the key is the same in every pass", () => {
    const question = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(question, fc.nat(), (options, n) => {
        const answer = n % options.length;
        const passes = circularPasses(options, answer);
        expect(passes).toHaveLength(options.length);
        for (const pass of passes) expect(pass.options[pass.answer]).toBe(options[answer]);
        expect(new Set(passes.map((pass) => pass.answer)).size).toBe(options.length);
      }),
    );
  });

  test("one miss loses the question", () => {
    const pass = (group: string, isRight: boolean) => ({ group, isRight });
    expect(circularGroups([pass("q1", true), pass("q2", true), pass("q1", true), pass("q2", false)])).toEqual(
      [
        { group: "q1", passes: 2, isRight: true, isFirstRight: true },
        { group: "q2", passes: 2, isRight: false, isFirstRight: true },
      ],
    );
  });
});

describe("extractScienceQa", () => {
  test.each([
    ["B", "B"],
    ["B. It is cold.", "B"],
    ["Because of ice. The answer is C.", "C"],
    ["The answer is C", undefined],
    ["The answer is Cx", "C"],
    ["The answer is A. The answer is B.", undefined],
    ["B ", undefined],
    ["B.", undefined],
    ["b", undefined],
    ["E", undefined],
    ["The answer is Q.", undefined],
    ["", undefined],
  ])("%j", (answer, letter) => {
    expect(extractScienceQa(answer, 4)).toBe(letter);
  });
});
