// How sure a model is of what it wrote, for models that tell log-probabilities: the geometric mean of its tokens'
// probabilities, which is one over the perplexity.
import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { InnerResult } from "./inner-calls.ts";

/** Provider options that make the model tell the probabilities `surenessOf` reads. */
export function withSureness(providerOptions: SharedV4ProviderOptions | undefined): SharedV4ProviderOptions {
  const sightline = providerOptions?.sightline;
  return { ...providerOptions, sightline: { ...sightline, logprobs: sightline?.logprobs || true } };
}

/** A result without the log-probabilities that the caller did not ask for. */
export function asTold(result: InnerResult, asked: SharedV4ProviderOptions | undefined): InnerResult {
  const { logprobs, ...sightline } = result.providerMetadata?.sightline ?? {};
  if (logprobs === undefined || asked?.sightline?.logprobs) return result;
  return { ...result, providerMetadata: { ...result.providerMetadata, sightline } };
}

/** From 0 to 1; 0 when nothing was written or the model did not tell. */
export function surenessOf({
  providerMetadata,
  text,
}: Pick<InnerResult, "providerMetadata" | "text">): number {
  const told = providerMetadata?.sightline?.logprobs;
  const values = Array.isArray(told)
    ? told
        .map((token) => (token as { logprob?: unknown } | null)?.logprob)
        .filter((value) => typeof value === "number")
    : [];
  if (values.length === 0 || text.trim() === "") return 0;
  return Math.exp(values.reduce((sum, value) => sum + value, 0) / values.length);
}
