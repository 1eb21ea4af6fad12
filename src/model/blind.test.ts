import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { generateText } from "ai";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../media/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { blind, hidePictures } from "./blind.ts";

async function picture(width: number, height: number): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
  return encodePng(pixels, width, height);
}

async function expectGrey(bytes: Uint8Array, width: number, height: number): Promise<void> {
  const decoded = await decodeImage(bytes);
  expect([decoded.width, decoded.height, decoded.mediaType]).toEqual([width, height, "image/png"]);
  expect(new Set(decoded.pixels)).toEqual(new Set([128]));
}

test("every picture becomes grey of the same size; words stay", async () => {
  const model = mockModel("a dog");
  const messages = [
    {
      role: "user" as const,
      content: [
        { type: "file" as const, data: await picture(5, 3), mediaType: "image/png" },
        { type: "file" as const, data: await picture(2, 7), mediaType: "image" },
        { type: "text" as const, text: "What is it?" },
      ],
    },
  ];
  const result = await generateText({ model: blind()(model), messages });
  expect(result.text).toBe("a dog");
  const [first, second, text] = model.calls[0]!.prompt[0]!.content as unknown as [
    { mediaType: string; data: { data: Uint8Array } },
    { mediaType: string; data: { data: Uint8Array } },
    { text: string },
  ];
  await expectGrey(first.data.data, 5, 3);
  await expectGrey(second.data.data, 2, 7);
  expect([first.mediaType, second.mediaType, text.text]).toEqual(["image/png", "image/png", "What is it?"]);
});

test("base64, data URLs and pictures in tool results are hidden too; other files are not", async () => {
  const bytes = await picture(4, 4);
  const base64 = Buffer.from(bytes).toString("base64");
  const text = {
    type: "file" as const,
    mediaType: "text/plain",
    data: { type: "text" as const, text: "note" },
  };
  const prompt: LanguageModelV4Prompt = [
    { role: "system", content: "Look." },
    {
      role: "user",
      content: [
        { type: "file", mediaType: "image/png", data: { type: "data", data: base64 } },
        {
          type: "file",
          mediaType: "image/png",
          data: { type: "url", url: new URL(`data:image/png;base64,${base64}`) },
        },
        text,
      ],
    },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "1",
          toolName: "crop",
          output: {
            type: "content",
            value: [
              { type: "text", text: "the crop" },
              { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
            ],
          },
        },
      ],
    },
  ];
  const hidden = await hidePictures(prompt);
  const json = JSON.stringify(hidden);
  expect(json).not.toContain(base64);
  const found: Uint8Array[] = [];
  JSON.stringify(hidden, (_, value) => (value instanceof Uint8Array ? void found.push(value) : value));
  expect(found.length).toBe(3);
  for (const one of found) await expectGrey(one, 4, 4);
  expect(hidden[0]).toEqual(prompt[0]);
  expect((hidden[1]!.content as unknown[])[2]).toEqual(text);
});

test("a picture that is only an address is refused, and the SDK is told to load it", async () => {
  const model = mockModel("a dog");
  model.supportedUrls = { "image/*": [/.*/] };
  const hiding = blind()(model);
  expect(await hiding.supportedUrls).toEqual({});
  const url = new URL("https://example.com/a.png");
  const prompt: LanguageModelV4Prompt = [
    { role: "user", content: [{ type: "file", mediaType: "image/png", data: { type: "url", url } }] },
  ];
  await expect(hiding.doGenerate({ prompt })).rejects.toThrow(
    expect.objectContaining({
      message:
        "blind: pictures must be in the prompt as bytes, got https://example.com/a.png. Load the picture first.",
    }),
  );
});
