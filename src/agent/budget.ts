// What one answer may cost beyond the tokens that the model was allowed per call. Everything here ends the work early;
// nothing of it changes what is done while it lasts.

import type { LanguageModelV4Usage } from "@ai-sdk/provider";

/** Limits of one answer. */
export interface Budget {
  /** Turns of the model. @default 10 */
  turns: number;
  /** Calls of tools. @default 24 */
  calls: number;
  /** Things done wrong (a tool that does not exist, bad arguments, a tool that failed …) before giving up. @default 5 */
  mistakes: number;
  /** Seconds for everything. @default 180 */
  seconds: number;
  /** Seconds for one call of a tool. @default 60 */
  toolSeconds: number;
  /** Tokens of the model, read and written. @default unlimited */
  tokens: number;
  /** What the model's tokens may cost, in the currency of `prices`. @default unlimited */
  money: number;
  /** Pixels of the pictures that tools give and that the model is shown. @default 20e6 */
  pixels: number;
  /** Characters of one result that the model is given; the rest is cut off, and the model is told. @default 8000 */
  resultCharacters: number;
}

export const defaultBudget: Budget = {
  turns: 10,
  calls: 24,
  mistakes: 5,
  seconds: 180,
  toolSeconds: 60,
  tokens: Number.POSITIVE_INFINITY,
  money: Number.POSITIVE_INFINITY,
  pixels: 20e6,
  resultCharacters: 8000,
};

/** Price of a model's tokens, in any currency. */
export interface TokenPrices {
  inputPerMillion: number;
  outputPerMillion: number;
}

/** What a call cost; undefined when the model does not say how many tokens it took. */
export function costOfCall(
  { inputTokens, outputTokens }: LanguageModelV4Usage,
  { inputPerMillion, outputPerMillion }: TokenPrices,
): number | undefined {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined;
  return (inputTokens.total * inputPerMillion + outputTokens.total * outputPerMillion) / 1e6;
}
