import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { stripOwnParts } from "./strip-own-parts.ts";

const own = { providerOptions: { sightline: { own: "reason" } } };
const theirs = { providerOptions: { anthropic: { signature: "s" } } };

test("own parts go; the answer, the provider's parts and the caller's tool calls stay", () => {
  const data = { type: "data" as const, data: "AAAA" };
  const output = { type: "json" as const, value: 1 };
  const call = { toolCallId: "w", toolName: "weather", input: {} };
  const search = { toolCallId: "s", toolName: "search", input: {}, providerExecuted: true };
  const prompt: LanguageModelV4Prompt = [
    { role: "user", content: [{ type: "text", text: "What is it?" }] },
    {
      role: "assistant",
      content: [
        { type: "custom", kind: "sightline.event" },
        { type: "custom", kind: "openai.compaction" },
        { type: "reasoning", text: "ours", ...own },
        { type: "reasoning", text: "theirs", ...theirs },
        { type: "reasoning-file", mediaType: "image/png", data, ...own },
        { type: "tool-call", toolCallId: "z", toolName: "zoom", input: {}, providerExecuted: true, ...own },
        // Its mark was lost on the way; it goes with its call.
        { type: "tool-result", toolCallId: "z", toolName: "zoom", output },
        { type: "tool-call", ...search },
        { type: "tool-result", toolCallId: "s", toolName: "search", output },
        { type: "text", text: "a dog", providerOptions: { sightline: { logprobs: [] } } },
        { type: "tool-call", ...call },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "w", toolName: "weather", output }] },
    { role: "assistant", content: [{ type: "custom", kind: "sightline.event" }] },
    { role: "user", content: [{ type: "text", text: "Sure?" }] },
  ];
  expect(stripOwnParts(prompt)).toEqual([
    prompt[0],
    {
      role: "assistant",
      content: [
        { type: "custom", kind: "openai.compaction" },
        { type: "reasoning", text: "theirs", ...theirs },
        { type: "tool-call", ...search },
        { type: "tool-result", toolCallId: "s", toolName: "search", output },
        { type: "text", text: "a dog", providerOptions: { sightline: { logprobs: [] } } },
        { type: "tool-call", ...call },
      ],
    },
    prompt[2],
    prompt[4],
  ]);
});
