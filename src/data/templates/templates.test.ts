import { describe, expect, test } from "vitest";
import type { Part, Sample } from "../../spec/index.ts";
import { applyTemplate, inContextTemplate, instructionTemplate, textOf } from "./index.ts";
import { captionTemplates, vqaTemplates, vqgTemplates } from "./pools.ts";

const image: Part = { type: "image", source: "a.png" };
const say = (text: string): Part => ({ type: "text", text });
const sample: Sample = {
  id: "1",
  instruction: "Describe the picture.",
  input: [image],
  response: "A dog.",
};

describe("the instruction template (Table 1)", () => {
  test("with picture and text", () => {
    const both = { ...sample, input: [image, say("It is night.")] };
    expect(textOf(instructionTemplate(both))).toBe(
      "<BOS> Below is an instruction that describes a task. Write a response that appropriately completes the request\n" +
        "### Instruction: Describe the picture.\n" +
        "### Input: <image> It is night.\n" +
        "### Response: A dog.<EOS>",
    );
  });

  test("the text is left out when it is blank, and the Input line when there is no input", () => {
    const blank = { ...sample, input: [image, say(" ")] };
    expect(textOf(instructionTemplate(blank))).toContain("\n### Input: <image>\n### Response: A dog.<EOS>");
    expect(textOf(instructionTemplate({ ...sample, input: [] }))).toContain(
      "request\n### Instruction: Describe the picture.\n### Response: A dog.<EOS>",
    );
  });

  test("without a response it ends where the model continues", () => {
    const { response: _, ...open } = sample;
    expect(textOf(instructionTemplate(open))).toMatch(/### Response:$/);
  });

  test("a conversation appends its turns, and a system message takes the preamble's place", () => {
    const talk: Sample = {
      id: "2",
      turns: [
        { role: "system", content: [say("You are brief.")] },
        { role: "user", content: [image, say("What is this?")] },
        { role: "assistant", content: [say("A dog.")] },
      ],
      instruction: "Its colour?",
      input: [],
      response: "Brown.",
    };
    expect(textOf(instructionTemplate(talk))).toBe(
      "<BOS> You are brief.\n### Instruction: What is this?\n### Input: <image>\n### Response: A dog.<EOS>\n" +
        "### Instruction: Its colour?\n### Response: Brown.<EOS>",
    );
  });

  test("a sound has no place in it", () => {
    const sound = { ...sample, input: [{ type: "audio", source: "a.wav" } as Part] };
    expect(() => instructionTemplate(sound)).toThrow(
      "sample 1: only text and image parts can be rendered, got audio.",
    );
  });
});

test("the in-context template (Table 3), byte for byte", () => {
  const shown = (response: string): Sample => ({ ...sample, response });
  const { response: _, ...query } = sample;
  expect(textOf(inContextTemplate([shown("A dog."), shown("A cat.")], query))).toBe(
    "<BOS> Below are some examples and an instruction that describes a task. Write a response that appropriately " +
      "completes the request\n" +
      "### Instruction: Describe the picture.\n" +
      "### Image: <image>\n" +
      "### Response: A dog.\n" +
      "\n" +
      "### Image: <image>\n" +
      "### Response: A cat.\n" +
      "- - - - - - - - - - - - - - - - - - - - - - - - - - - - -\n" +
      "### Image: <image>\n" +
      "### Response: <EOS>",
  );
});

test("the ten VQA templates (Table 2), filled in and in order", () => {
  const filled = vqaTemplates.map((each) => each.replace("{Question}", () => "What is it?"));
  expect(filled).toEqual([
    "<Image> What is it?",
    "<Image> Question: What is it?",
    "<Image> What is it? A short answer to the question is",
    "<Image> Q: What is it? A:",
    "<Image> Question: What is it? Short answer:",
    "<Image> Given the image, answer the following question with no more than three words. What is it?",
    "<Image> Based on the image, respond to this question with a short answer: What is it?. Answer:",
    "<Image> Use the provided image to answer the question: What is it? Provide your answer as short as possible:",
    '<Image> What is the answer to the following question? "What is it?"',
    '<Image> The question "What is it?" can be answered using the image. A short answer is',
  ]);
  expect([vqgTemplates.length, new Set(captionTemplates).size]).toEqual([6, 13]);
});

describe("a template drawn for a sample", () => {
  const question = (id: number): Sample => ({
    id: `q${id}`,
    instruction: "How many $& dogs?",
    input: [image],
    response: "two",
    answerType: "short",
  });
  const drawn = (seed: number) =>
    Array.from({ length: 400 }, (_, i) => applyTemplate(question(i), { pool: "vqa", seed })!.instruction);

  test("each of the ten comes about as often, by the seed and the id only", () => {
    const counts = new Map<string, number>();
    for (const one of drawn(1)) counts.set(one, (counts.get(one) ?? 0) + 1);
    expect(counts.size).toBe(10);
    expect(Math.min(...counts.values())).toBeGreaterThan(20);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(applyTemplate(question(7), { pool: "vqa", seed: 1 })!.instruction).toBe(drawn(1)[7]);
  });

  test("asks for a short answer exactly where the template does not, and keeps the question as it is", () => {
    for (const one of drawn(3)) {
      expect(one).toContain("How many $& dogs?");
      const asks: string[] = one.match(/short|three words|single word/gi) ?? [];
      expect(asks.length).toBeGreaterThan(0);
      if (asks.includes("single word")) expect(asks).toEqual(["single word"]);
    }
    const off = { pool: "vqa", lengthControl: false } as const;
    for (let i = 0; i < 50; i++)
      expect(applyTemplate(question(i), off)!.instruction).not.toContain("single word");
  });

  test("options are listed and the letter is learned", () => {
    const choices = ["cat", "dog"];
    const choice: Sample = { ...question(1), choices, response: "dog", answerType: "choice" };
    const made = applyTemplate(choice, { pool: "vqa" })!;
    expect(made.instruction).toMatch(
      /\nA\. cat\nB\. dog\nAnswer with the option's letter from the given choices directly\.$/,
    );
    expect(made).toMatchObject({ response: "B", answers: ["dog"] });
  });

  test("captions get a caption's words, questions for an answer turn around, conversations stay", () => {
    const caption: Sample = { ...sample, answerType: "caption" };
    expect(captionTemplates).toContain(applyTemplate(caption, { pool: "caption" })!.instruction);
    expect(applyTemplate(caption, { pool: "vqa" })).toBeUndefined();
    expect(applyTemplate(question(1), { pool: "caption" })).toBeUndefined();
    const turned = applyTemplate(question(1), { pool: "vqg" })!;
    expect(turned).toMatchObject({ response: "How many $& dogs?", answerType: "free" });
    expect(turned.instruction).toContain("two");
    const turns = [
      { role: "user" as const, content: [say("Hi")] },
      { role: "assistant" as const, content: [say("Hi")] },
    ];
    expect(applyTemplate({ ...question(1), turns }, { pool: "vqa" })).toBeUndefined();
  });
});
