// What a call may ask of a local model beyond the interface, in `providerOptions.sightline`, and what of the interface
// it cannot do.
import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";

const schema = z
  .object({
    /** Log-probabilities of the written tokens, each with this many of the most likely alternatives (true: 0). */
    logprobs: z.union([z.boolean(), z.int().min(0).max(20)]).optional(),
    /** Scores these answers instead of writing one; the best is the text. */
    choices: z.array(z.string().min(1)).min(1).optional(),
    /** Write a rationale before the answer, or take this one as written. Only where the capability is declared. */
    rationale: z.union([z.boolean(), z.string().trim().min(1)]).optional(),
    /** A regular expression that the answer has to match as a whole (see regex.ts for what it may hold). */
    regex: z.string().min(1).max(20_000).optional(),
    /** Write a program of one call a line with these tools, instead of an answer. Only where tools were taught. */
    program: z.array(z.string().min(1)).min(1).optional(),
    /** Visual contrastive decoding (arXiv 2311.16922) against the same prompt with other pictures. */
    contrast: z
      .object({
        /** Data URLs: one that stands for every picture, or a list with one for each. */
        image: z.union([z.string(), z.array(z.string()).min(1)]),
        alpha: z.number().min(0).default(1),
        beta: z.number().min(0).max(1).default(0.1),
      })
      .optional(),
  })
  .refine((options) => !(options.choices && options.contrast), "choices and contrast cannot be combined")
  .refine((options) => !(options.choices && options.regex), "choices and regex cannot be combined");

export type LocalCallOptions = z.infer<typeof schema>;

/** Reads `providerOptions.sightline`; fields that belong to techniques are left alone. */
export function localCallOptions({ providerOptions }: LanguageModelV4CallOptions): LocalCallOptions {
  const result = schema.safeParse(providerOptions?.sightline ?? {});
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new InputError({
    where: ["providerOptions.sightline", ...path].join("."),
    rule: message.charAt(0).toLowerCase() + message.slice(1),
  });
}

/** How many alternatives to report a token with; undefined reports nothing. */
export function logprobsOf({ logprobs }: LocalCallOptions): number | undefined {
  if (logprobs === true) return 0;
  return logprobs === false ? undefined : logprobs;
}

/** One warning for each thing the caller asked for that has no effect. */
export function unsupportedWarnings(
  options: LanguageModelV4CallOptions,
  { rationales, tools: callsTools }: { rationales: boolean; tools: boolean },
): SharedV4Warning[] {
  const unsupported = (feature: string, asked: boolean): SharedV4Warning[] =>
    asked ? [{ type: "unsupported", feature }] : [];
  const { tools, responseFormat, presencePenalty, frequencyPenalty, reasoning, providerOptions } = options;
  return [
    ...unsupported("tools", !callsTools && (tools?.length ?? 0) > 0),
    ...unsupported("responseFormat", responseFormat?.type === "json" && !responseFormat.schema),
    ...unsupported("presencePenalty", (presencePenalty ?? 0) !== 0),
    ...unsupported("frequencyPenalty", (frequencyPenalty ?? 0) !== 0),
    ...unsupported("reasoning", !["provider-default", "none", undefined].includes(reasoning)),
    ...unsupported("rationale", !rationales && typeof providerOptions?.sightline?.rationale === "string"),
    ...unsupported("program", !callsTools && providerOptions?.sightline?.program !== undefined),
  ];
}
