// transformers.js behind the LanguageModel interface, on a random model in the LLaVA layout that is written here.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { generateText, streamText } from "ai";
import { beforeAll, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { encodePng } from "../media/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { writeTinyLlava } from "../testing/tiny-llava.ts";
import { trainBpe } from "../tune/bpe.ts";
import { capabilities } from "./capabilities.ts";
import { collectStream, textOf } from "./collect-stream.ts";
import { loadLocalModel } from "./local/index.ts";
import { resolveModel } from "./resolve.ts";
import { openTransformersModel } from "./transformers.ts";

let dir: string;
let cacheDir: string;
let model: LanguageModel;

beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(os.tmpdir(), "sightline-"));
  dir = path.join(cacheDir, "owner", "name");
  const tokenizer = trainBpe(["what is in the picture", "a red ball"], {
    vocabSize: 400,
    specialTokens: SPECIAL_TOKENS,
  });
  await writeTinyLlava(dir, { tokenizer });
  model = await openTransformersModel(dir);
});

// The size that the model wants, so that both runtimes see the same pixels whatever their resizing.
async function picture(step: number): Promise<Uint8Array> {
  return encodePng(
    Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => (i * step) % 256),
    28,
    28,
  );
}

async function messagesWith(count: number) {
  const files = [];
  for (let i = 0; i < count; i++) {
    files.push({ type: "file" as const, data: await picture(3 + 8 * i), mediaType: "image/png" });
  }
  return [
    {
      role: "user" as const,
      content: [...files, { type: "text" as const, text: "What is in the picture?" }],
    },
  ];
}

async function promptWith(count: number) {
  const [{ content }] = (await messagesWith(count)) as [Awaited<ReturnType<typeof messagesWith>>[0]];
  return [
    {
      role: "user" as const,
      content: content.map((part) =>
        part.type === "file" ? { ...part, data: { type: "data" as const, data: part.data } } : part,
      ),
    },
  ];
}

test.each([0, 1, 2])("with %i pictures it writes what our own decode loop writes", async (count) => {
  const own = await loadLocalModel(dir);
  const call = { prompt: await promptWith(count), maxOutputTokens: 12, temperature: 0 };
  const expected = await own.doGenerate(call);
  const result = await model.doGenerate(call);
  expect(textOf(result.content)).toBe(textOf(expected.content));
  expect(textOf(result.content).length).toBeGreaterThan(0);
  expect(result.usage.inputTokens.total).toBe(expected.usage.inputTokens.total);
  expect(result.usage.outputTokens.total).toBe(expected.usage.outputTokens.total);
  expect(result.finishReason.unified).toBe(expected.finishReason.unified);
  await own.dispose();
});

test("streams through the AI SDK, piece by piece, the same as generated", async () => {
  const messages = await messagesWith(1);
  const { text, usage } = await generateText({ model, messages, maxOutputTokens: 100 });
  const streamed = streamText({ model, messages, maxOutputTokens: 100 });
  const pieces = await Array.fromAsync(streamed.textStream);
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join("")).toBe(text);
  expect(usage.outputTokens).toBe(100);
  expect(await streamed.finishReason).toBe("length");
});

test("an abort stops the writing, and the next call is served", async () => {
  const controller = new AbortController();
  const { stream } = await model.doStream({
    prompt: await promptWith(1),
    maxOutputTokens: 100,
    abortSignal: controller.signal,
  });
  let pieces = 0;
  const reading = (async () => {
    for await (const part of stream as unknown as AsyncIterable<{ type: string }>) {
      if (part.type === "text-delta" && ++pieces === 2) controller.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toThrow("enough");
  const next = await collectStream(
    (await model.doStream({ prompt: await promptWith(1), maxOutputTokens: 3 })).stream,
  );
  expect(next.usage.outputTokens.total).toBe(3);
});

test("says what it cannot do", async () => {
  const result = await model.doGenerate({
    prompt: await promptWith(0),
    maxOutputTokens: 2,
    seed: 7,
    topP: 0.5,
  });
  expect(result.warnings).toEqual([{ type: "unsupported", feature: "seed" }]);
  expect(capabilities(model).countTokens?.("a red ball")).toBeGreaterThan(0);
});

test("a hub id is read from the cache without a network", async () => {
  const cached = await openTransformersModel("owner/name", { cacheDir });
  const call = { prompt: await promptWith(1), maxOutputTokens: 6, temperature: 0 };
  expect((await cached.doGenerate(call)).content).toEqual((await model.doGenerate(call)).content);
  expect(cached.modelId).toBe("owner/name");
});

test("a half-filled cache names the file and the flag", async () => {
  await rm(path.join(dir, "onnx", "vision_encoder.onnx"));
  await expect(resolveModel("local:owner/name", { cacheDir })).rejects.toThrow(
    expect.objectContaining({
      message:
        "local:owner/name: the model lacks vision_encoder.onnx. Add --download to fetch it from the Hugging Face hub.",
    }),
  );
});

test("weights that are no ONNX file are refused in one line", async () => {
  await writeFile(
    path.join(dir, "onnx", "vision_encoder.onnx"),
    "version https://git-lfs.github.com/spec/v1",
  );
  const error = await openTransformersModel(dir).then(undefined, (reason: unknown) => reason as Error);
  expect(error).toMatchObject({ name: "SetupError" });
  expect((error as Error).message).toMatch(new RegExp(`^"${dir}": the model cannot be opened, got .+\\.$`));
  expect((error as Error).message).not.toContain("\n");
});
