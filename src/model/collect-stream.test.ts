import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { collectStream, createCollector, textOf } from "./collect-stream.ts";
import { noUsage, unknownUsage } from "./usage.ts";

function streamOf(...parts: LanguageModelV4StreamPart[]): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

test("blocks keep the order of their starts and gather their pieces, whatever lies between", async () => {
  const source = { type: "source", sourceType: "url", id: "1", url: "https://example.com" } as const;
  const call = { type: "tool-call", toolCallId: "c", toolName: "look", input: "{}" } as const;
  const result = await collectStream(
    streamOf(
      { type: "stream-start", warnings: [{ type: "other", message: "slow" }] },
      { type: "response-metadata", id: "r1", modelId: "m" },
      { type: "reasoning-start", id: "0", providerMetadata: { a: { signature: "s" } } },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "a " },
      { type: "reasoning-delta", id: "0", delta: "because" },
      source,
      { type: "text-delta", id: "0", delta: "dog" },
      { type: "reasoning-end", id: "0" },
      { type: "text-end", id: "0", providerMetadata: { a: { logprob: -1 } } },
      { type: "tool-input-start", id: "c", toolName: "look" },
      call,
      {
        type: "finish",
        finishReason: { unified: "stop", raw: "eos" },
        usage: noUsage,
        providerMetadata: { a: { b: 1 } },
      },
    ),
  );
  expect(result).toEqual({
    content: [
      { type: "reasoning", text: "because", providerMetadata: { a: { signature: "s" } } },
      { type: "text", text: "a dog", providerMetadata: { a: { logprob: -1 } } },
      source,
      call,
    ],
    finishReason: { unified: "stop", raw: "eos" },
    usage: noUsage,
    providerMetadata: { a: { b: 1 } },
    response: { id: "r1", modelId: "m" },
    warnings: [{ type: "other", message: "slow" }],
  });
  expect(textOf(result.content)).toBe("a dog");
});

test("a stream without an end is called interrupted, with unknown usage", async () => {
  const result = await collectStream(streamOf({ type: "text-start", id: "0" }));
  expect(result.finishReason).toEqual({ unified: "interrupted", raw: undefined });
  expect(result.usage).toEqual(unknownUsage);
});

test("an error part is thrown as it is", () => {
  const error = new Error("out of memory");
  expect(() => createCollector().add({ type: "error", error })).toThrow(error);
});
