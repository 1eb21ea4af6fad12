// What a technique of this room says, as stream parts: rationales are reasoning, marked as Sightline's own so that they
// are not sent back to a provider as its model's words; the answer is the only text.
import type { LanguageModelV4StreamPart, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { markOwn, type TechniqueEnd } from "../model/index.ts";
import type { Reply } from "./problem.ts";

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

/** How a technique ends that answers with this reply: a problem that stayed is in the metadata. */
export function endOf({ result, problem }: Pick<Reply, "result" | "problem">): TechniqueEnd {
  const { finishReason, providerMetadata } = result;
  const { problem: _, ...sightline } = providerMetadata?.sightline ?? {};
  return {
    finishReason: problem && problem !== "cut" ? { unified: "other", raw: problem } : finishReason,
    providerMetadata: { ...providerMetadata, sightline: { ...sightline, ...(problem ? { problem } : {}) } },
  };
}

/** Provider options with what the inner model is told about its rationale: write one, or take this one. */
export function withRationale(
  providerOptions: SharedV4ProviderOptions | undefined,
  rationale: boolean | string,
): SharedV4ProviderOptions {
  return { ...providerOptions, sightline: { ...providerOptions?.sightline, rationale } };
}
