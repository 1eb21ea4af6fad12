import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { mockModel } from "../testing/index.ts";
import { captionOnly } from "./caption-only.ts";

const picture = {
  type: "file",
  mediaType: "image/png",
  data: { type: "data", data: Uint8Array.of(1) },
} as const;
const prompt: LanguageModelV4Prompt = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [picture, { type: "text", text: "What is it?" }] },
];

test("the model describes the picture and answers from its own words alone", async () => {
  const model = mockModel([" a red car ", "car"]);
  const { content, providerMetadata } = await captionOnly()(model).doGenerate({ prompt, maxOutputTokens: 9 });
  expect(content.filter(({ type }) => type === "text")).toMatchObject([{ text: "car" }]);
  expect(providerMetadata?.sightline?.calls).toBe(2);
  expect(model.calls.map((call) => call.prompt)).toEqual([
    [{ role: "user", content: [picture, { type: "text", text: "Describe the picture." }] }],
    [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What the picture shows: a red car" },
          { type: "text", text: "What is it?" },
        ],
      },
    ],
  ]);
});

test("a question without a picture is passed on", async () => {
  const model = mockModel("4");
  const plain: LanguageModelV4Prompt = [{ role: "user", content: [{ type: "text", text: "2 + 2?" }] }];
  await captionOnly()(model).doGenerate({ prompt: plain });
  expect(model.calls.map((call) => call.prompt)).toEqual([plain]);
});
