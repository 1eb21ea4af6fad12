// A second model beside the one that a technique wraps: an expert that looks, or a verifier that judges. Its tokens have
// prices of their own, so they are not in the sum of the call; the event of every question to it states them.
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { collectStream, type TechniqueContext } from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { LanguageModel } from "../spec/index.ts";

/** A model, or what opens it when it is first needed. */
export type OtherModel = LanguageModel | (() => Promise<LanguageModel>);

/** Asks another model; the question becomes an event. */
export async function askOther(
  other: OtherModel,
  call: Pick<LanguageModelV4CallOptions, "prompt" | "providerOptions" | "maxOutputTokens">,
  { label, emit, signal, options }: Pick<TechniqueContext, "emit" | "signal" | "options"> & { label: string },
) {
  const model = typeof other === "function" ? await other() : other;
  const { seed } = options;
  const { stream } = await model.doStream({
    ...call,
    temperature: 0,
    ...(seed === undefined ? {} : { seed }),
    abortSignal: signal,
  });
  const result = await collectStream(stream);
  const { text } = splitReasoning(result.content);
  const { inputTokens, outputTokens } = result.usage;
  emit("model-asked", {
    label,
    model: model.modelId,
    text,
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
  });
  return { ...result, text };
}
