import { generateText, streamText } from "ai";
import { expect, test } from "vitest";
import { capabilities } from "../model/index.ts";
import { mockModel } from "./mock-model.ts";

test("answers in order, counts words, and keeps the calls", async () => {
  const model = mockModel(["a dog", "no"]);
  const first = await generateText({ model, prompt: "What is it?" });
  const second = await generateText({ model, prompt: "Is it a cat?", temperature: 0.5 });
  expect([first.text, second.text]).toEqual(["a dog", "no"]);
  expect(first.usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
  expect(model.calls.map((call) => call.temperature)).toEqual([undefined, 0.5]);
  await expect(model.doGenerate({ prompt: [] })).rejects.toThrow(
    expect.objectContaining({
      message: "mockModel: the script has 2 answers, got call 3. Script one answer per call.",
    }),
  );
});

test("streams in pieces, with reasoning first", async () => {
  const model = mockModel({ reasoning: "it barks", text: "a dog" }, { pieceLength: 2 });
  const result = streamText({ model, prompt: "What is it?" });
  expect(await Array.fromAsync(result.textStream)).toEqual(["a ", "do", "g"]);
  expect(await result.reasoningText).toBe("it barks");
  expect(await result.usage).toMatchObject({ outputTokens: 4 });
});

test("a function sees the call; a given usage and finish reason are used", async () => {
  const usage = {
    inputTokens: { total: 7, noCache: 7, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const model = mockModel((call, index) => ({
    text: `${index}:${call.seed}`,
    usage,
    finishReason: "length",
  }));
  const result = await generateText({ model, prompt: "?", seed: 9 });
  expect([result.text, result.finishReason, result.usage.inputTokens]).toEqual(["0:9", "length", 7]);
});

test("fails before or after its words", async () => {
  await expect(mockModel(new Error("down")).doStream({ prompt: [] })).rejects.toThrow("down");
  const half = await mockModel({ text: "a d", error: new Error("cut") }).doStream({ prompt: [] });
  const parts = await Array.fromAsync(half.stream);
  expect(parts.map((part) => part.type)).toEqual([
    "stream-start",
    "response-metadata",
    "text-start",
    "text-delta",
    "text-end",
    "error",
    "finish",
  ]);
});

test("an abort cuts a slow answer short", async () => {
  const controller = new AbortController();
  const slow = mockModel("a dog", { delayMs: 10_000 });
  const waiting = Promise.resolve(slow.doGenerate({ prompt: [], abortSignal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 5);
  await expect(waiting).rejects.toThrow("enough");
});

test("declares capabilities", () => {
  expect(capabilities(mockModel("a", { capabilities: { maxImages: 2 } })).maxImages).toBe(2);
  expect(capabilities(mockModel("a")).maxImages).toBeUndefined();
});
