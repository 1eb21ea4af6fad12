import { describe, expect, it } from "vitest";
import { readPrompt } from "./read-prompt.ts";

const file = (data: Uint8Array | string, mediaType = "image/png") => ({
  type: "file" as const,
  mediaType,
  data: { type: "data" as const, data },
});

describe("readPrompt", () => {
  it("turns messages into chat messages and pictures, in order", async () => {
    const { messages, pictures } = await readPrompt([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [file(Uint8Array.of(1)), { type: "text", text: "Which?" }, file("Ag==", "image/*")],
      },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "Let me look." },
          { type: "tool-call", toolCallId: "a", toolName: "crop", input: { x: 1 } },
          { type: "custom", kind: "sightline.event" },
        ],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: "a",
            toolName: "crop",
            output: { type: "content", value: [{ type: "text", text: "done" }, file(Uint8Array.of(3))] },
          },
          { type: "tool-result", toolCallId: "b", toolName: "n", output: { type: "json", value: { n: 3 } } },
        ],
      },
    ]);
    expect(messages).toEqual([
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      { role: "user", content: [{ type: "image" }, { type: "text", text: "Which?" }, { type: "image" }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Let me look." },
          { type: "text", text: 'crop({"x":1})' },
        ],
      },
      {
        role: "tool",
        content: [{ type: "text", text: "done" }, { type: "image" }, { type: "text", text: '{"n":3}' }],
      },
    ]);
    expect(pictures.map(({ bytes, where }) => [...bytes, where])).toEqual([
      [1, "prompt[1].content[0]"],
      [2, "prompt[1].content[2]"],
      [3, "prompt[3].content[0].output"],
    ]);
  });

  it("takes text files as text and data URLs as pictures", async () => {
    const { messages, pictures } = await readPrompt([
      {
        role: "user",
        content: [
          { type: "file", mediaType: "text/plain", data: { type: "text", text: "notes" } },
          {
            type: "file",
            mediaType: "image/png",
            data: { type: "url", url: new URL("data:image/png;base64,Ag==") },
          },
        ],
      },
    ]);
    expect(messages[0]!.content).toEqual([{ type: "text", text: "notes" }, { type: "image" }]);
    expect([...pictures[0]!.bytes]).toEqual([2]);
  });

  it("refuses what the model cannot take", async () => {
    await expect(
      readPrompt([{ role: "user", content: [{ type: "text", text: "?" }, file("AA==", "audio/wav")] }]),
    ).rejects.toThrow('prompt[0].content[1]: must be a picture or a text, got "audio/wav".');
    await expect(
      readPrompt([
        {
          role: "user",
          content: [
            { type: "file", mediaType: "image/png", data: { type: "reference", reference: { x: "1" } } },
          ],
        },
      ]),
    ).rejects.toThrow(
      "prompt[0].content[0]: must hold the bytes of the picture or its URL, got a reference.",
    );
  });
});
