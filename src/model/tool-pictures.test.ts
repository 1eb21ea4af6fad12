import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { startOpenAiServer } from "../testing/openai-server.ts";
import { resolveModel } from "./resolve.ts";
import { moveToolPictures, withToolPictures } from "./tool-pictures.ts";

// Noise, so that the picture's base64 is longer than any text of a prompt may be.
const pixels = Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * i * 7919) % 251);
const pictures = [await encodePng(pixels, 96, 96), await encodePng(pixels.toReversed(), 96, 96)];

const file = (data: Uint8Array) => ({
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data },
});
const result = (toolCallId: string, value: ({ type: "text"; text: string } | ReturnType<typeof file>)[]) => ({
  type: "tool-result" as const,
  toolCallId,
  toolName: "crop",
  output: { type: "content" as const, value },
});
const call = (toolCallId: string) => ({
  type: "tool-call" as const,
  toolCallId,
  toolName: "crop",
  input: {},
});

const prompt: LanguageModelV4Prompt = [
  { role: "user", content: [{ type: "text", text: "Look closer." }] },
  { role: "assistant", content: [call("a"), call("b")] },
  {
    role: "tool",
    content: [
      result("a", [{ type: "text", text: "left" }, { type: "text", text: "image_2:" }, file(pictures[0]!)]),
    ],
  },
  { role: "tool", content: [result("b", [{ type: "text", text: "right" }, file(pictures[1]!)])] },
  { role: "assistant", content: [{ type: "text", text: "I see." }] },
  { role: "user", content: [{ type: "text", text: "And?" }] },
];

test("pictures follow after the last tool message of their turn, each under its name", () => {
  const moved = moveToolPictures(prompt);
  expect(moved.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "user",
    "assistant",
    "user",
  ]);
  expect(moved[2]).toMatchObject({ content: [{ output: { type: "text", value: "left\n(see image_2)" } }] });
  expect(moved[3]).toMatchObject({
    content: [{ output: { type: "text", value: "right\n(see tool_picture_1)" } }],
  });
  expect(moved[4]!.content).toEqual([
    { type: "text", text: "image_2:" },
    file(pictures[0]!),
    { type: "text", text: "tool_picture_1:" },
    file(pictures[1]!),
  ]);
  // A prompt that ends in tool messages gets its pictures too, and one without any stays as it is.
  expect(moveToolPictures(prompt.slice(0, 4)).at(-1)!.role).toBe("user");
  expect(moveToolPictures(prompt.slice(4))).toEqual(prompt.slice(4));
});

test.each<[string, (url: string) => LanguageModel | Promise<LanguageModel>]>([
  ["openai-compatible", (url) => resolveModel(`${url}#vlm`, { env: {} })],
  ["OpenAI chat", (baseURL) => withToolPictures(createOpenAI({ baseURL, apiKey: "none" }).chat("vlm"))],
])("over the wire of %s the pictures arrive as pictures", async (_, open) => {
  await using server = await startOpenAiServer(() => "two");
  const model = await open(server.url);
  await model.doGenerate({ prompt });
  const { body, images } = server.requests[0]!;
  expect(images).toEqual(pictures);
  for (const { content } of body.messages!) {
    const texts = typeof content === "string" ? [content] : (content ?? []).map(({ text = "" }) => text);
    for (const text of texts) expect(text.length).toBeLessThan(10_000);
  }
  expect(body.messages!.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "user",
    "assistant",
    "user",
  ]);
});
