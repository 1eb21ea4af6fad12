import type { LanguageModelV4Content, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { answerParts, createThoughts } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";

/**
 * Says what an inner call has said: its reasoning, the pictures, sources and tool calls on the way, then its answer.
 * Events are left out; they are in the trace already.
 */
export function* replay(
  content: readonly LanguageModelV4Content[],
  technique: string,
): Generator<LanguageModelV4StreamPart, void> {
  const { reasoning, text } = splitReasoning(content);
  yield* createThoughts(technique)(reasoning);
  for (const part of content) {
    if (part.type !== "text" && part.type !== "reasoning" && part.type !== "custom") yield part;
  }
  yield* answerParts(text);
}
