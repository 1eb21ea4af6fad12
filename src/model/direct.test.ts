import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import type { Query } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { answerSuffix, type DirectOptions, direct } from "./direct.ts";

const query: Query = { id: "1", group: "1", question: "What is it?", imageIds: [] };
const word = "Answer the question using a single word or phrase.";

async function asked(
  given: Partial<Query>,
  capabilities = {},
  prompt: LanguageModelV4Prompt = [{ role: "user", content: [{ type: "text", text: "What is it?" }] }],
  options: DirectOptions = {},
) {
  const model = mockModel("a dog", { capabilities });
  const providerOptions = { sightline: { query: { ...query, ...given } } };
  await direct(options)(model).doGenerate({ prompt, providerOptions });
  return model.calls[0]!.prompt;
}

test.each(["yes-no", "number", "short"] as const)(
  "a %s question gets the short-answer suffix",
  async (answerType) => {
    expect(await asked({ answerType })).toEqual([
      { role: "user", content: [{ type: "text", text: `What is it?\n${word}` }] },
    ]);
  },
);

test.each(["caption", "free", undefined])("a %s question gets none", async (answerType) => {
  expect(answerSuffix({ ...query, answerType: answerType as Query["answerType"] })).toBeUndefined();
});

test.each([
  ["Is this a dog? Please answer yes or no.", undefined],
  ["What is it?\nAnswer the question using a single word or phrase.", undefined],
  ["Did she answer yes?", word],
])("%s says or does not say how to answer", (question, suffix) => {
  expect(answerSuffix({ ...query, question, answerType: "yes-no" })).toBe(suffix);
});

test("choices become lettered lines and the option-letter suffix", async () => {
  expect(await asked({ answerType: "choice", choices: ["a cat", "a dog"] })).toEqual([
    {
      role: "user",
      content: [
        {
          type: "text",
          text: "What is it?\nA. a cat\nB. a dog\nAnswer with the option's letter from the given choices directly.",
        },
      ],
    },
  ]);
});

test("asked plainly, a question is left as it is, and its options are listed", async () => {
  const text = async (given: Partial<Query>) => {
    const [message] = await asked(given, {}, undefined, { plain: true });
    return message?.role === "user" && message.content.map((part) => (part.type === "text" ? part.text : ""));
  };
  expect(await text({ answerType: "short" })).toEqual(["What is it?"]);
  const choices = ["a cat", "a dog"];
  expect(await text({ answerType: "choice", choices })).toEqual(["What is it?\nA. a cat\nB. a dog"]);
});

test("more choices than letters are refused", () => {
  const choices = Array.from({ length: 27 }, (_, i) => String(i));
  expect(() => answerSuffix({ ...query, choices })).toThrow(
    expect.objectContaining({
      message: "direct: a question may have at most 26 choices, one per letter, got 27.",
    }),
  );
});

test("a model that answers shortly by itself is asked the plain question", async () => {
  expect(await asked({ answerType: "short" }, { plainQuestions: true })).toEqual([
    { role: "user", content: [{ type: "text", text: "What is it?" }] },
  ]);
});

test("the suffix goes to the last user message, behind its last text, also when a tool has answered since", async () => {
  const picture = {
    type: "file" as const,
    mediaType: "image/png",
    data: { type: "data" as const, data: "AAAA" },
  };
  const prompt: LanguageModelV4Prompt = [
    { role: "user", content: [{ type: "text", text: "Hello" }] },
    { role: "assistant", content: [{ type: "text", text: "Hi" }] },
    { role: "user", content: [{ type: "text", text: "What is it?" }, picture] },
    { role: "assistant", content: [{ type: "tool-call", toolCallId: "1", toolName: "look", input: {} }] },
    {
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: "1", toolName: "look", output: { type: "text", value: "dog" } },
      ],
    },
  ];
  const sent = await asked({ answerType: "short" }, {}, prompt);
  expect(sent.map((message, i) => (i === 2 ? message.content : message))).toEqual(
    prompt.map((message, i) => (i === 2 ? [...message.content, { type: "text", text: word }] : message)),
  );
});
