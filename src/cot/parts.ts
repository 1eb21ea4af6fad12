// How a technique of this room ends, and what it tells the inner model of rationales.
import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { TechniqueEnd } from "../model/index.ts";
import type { Reply } from "./problem.ts";

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
