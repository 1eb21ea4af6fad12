// What a technique says itself, as stream parts: thoughts are reasoning, marked as Sightline's own so that they are not sent
// back to a provider as its model's words; the answer is the only text.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { markOwn } from "./trace.ts";

/** Makes what says thoughts: each a block of reasoning on a line of its own; nothing for an empty one. */
export function createThoughts(
  technique: string,
): (text: string) => Generator<LanguageModelV4StreamPart, void> {
  let said = 0;
  return function* (text) {
    if (text.trim() === "") return;
    const id = `thought-${++said}`;
    yield markOwn({ type: "reasoning-start", id }, technique);
    yield { type: "reasoning-delta", id, delta: said > 1 ? `\n${text}` : text };
    yield { type: "reasoning-end", id };
  };
}

/** The block of the answer; nothing for an empty one. */
export function* answerParts(text: string): Generator<LanguageModelV4StreamPart, void> {
  if (text === "") return;
  yield { type: "text-start", id: "answer" };
  yield { type: "text-delta", id: "answer", delta: text };
  yield { type: "text-end", id: "answer" };
}
