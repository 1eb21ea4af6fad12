// What an agent says, as stream parts: thoughts are reasoning of Sightline's own, the answer is the only text.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { markOwn } from "../model/index.ts";

/** Makes what says thoughts, each a block of reasoning; nothing for an empty one. */
export function createThoughts(
  technique: string,
): (text: string) => Generator<LanguageModelV4StreamPart, void> {
  let said = 0;
  return function* (text) {
    if (text.trim() === "") return;
    const id = `${technique}-thought-${++said}`;
    yield markOwn({ type: "reasoning-start", id }, technique);
    yield { type: "reasoning-delta", id, delta: said > 1 ? `\n${text}` : text };
    yield { type: "reasoning-end", id };
  };
}

/** The block of the answer. */
export function* answerParts(text: string): Generator<LanguageModelV4StreamPart, void> {
  yield { type: "text-start", id: "answer" };
  yield { type: "text-delta", id: "answer", delta: text };
  yield { type: "text-end", id: "answer" };
}
