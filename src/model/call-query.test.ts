import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { contentHash } from "../util/hash.ts";
import { callQuery } from "./call-query.ts";

const bytes = new Uint8Array([1, 2, 3]);
const prompt: LanguageModelV4Prompt = [
  { role: "user", content: [{ type: "text", text: "Hello" }] },
  { role: "assistant", content: [{ type: "text", text: "Hi" }] },
  {
    role: "user",
    content: [
      { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
      { type: "text", text: " What is it? " },
      { type: "file", mediaType: "image/png", data: { type: "data", data: "BAUG" } },
      {
        type: "file",
        mediaType: "image/png",
        data: { type: "url", url: new URL("data:image/png;base64,AQID") },
      },
      { type: "text", text: "And why?" },
    ],
  },
];

test("without a query, the last user message is the query", async () => {
  const one = contentHash(bytes);
  const other = contentHash(new Uint8Array([4, 5, 6]));
  const query = await callQuery({ prompt });
  expect(query).toEqual({
    id: contentHash(JSON.stringify(["What is it?\nAnd why?", [one, other, one]])),
    group: one,
    question: "What is it?\nAnd why?",
    imageIds: [one, other, one],
  });
});

test("a given query is taken as it is", async () => {
  const query = { id: "1", group: "2", question: "Which?", imageIds: ["sha256:00"], choices: ["a", "b"] };
  expect(await callQuery({ prompt, providerOptions: { sightline: { query } } })).toEqual(query);
});

test.each([
  [{ id: 1, group: "", question: "", imageIds: [] }],
  [{ id: "", group: "", question: "" }],
  [{ id: "", group: "", question: "", imageIds: [], choices: [1] }],
  ["text"],
])("a query of another shape is refused: %j", async (query) => {
  await expect(callQuery({ prompt, providerOptions: { sightline: { query } } })).rejects.toThrow(
    expect.objectContaining({
      message: `providerOptions.sightline.query: must have the texts id, group and question, the list imageIds and, if any, the list choices, got ${JSON.stringify(query)}. Build it with queryOf(sample).`,
    }),
  );
});
