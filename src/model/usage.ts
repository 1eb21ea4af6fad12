import type { LanguageModelV4Usage } from "@ai-sdk/provider";

/** Usage of no calls at all. */
export const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** Usage of a call that did not say. */
export const unknownUsage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** Sums the usage of several calls. A count that one call leaves out is unknown in the sum, never 0. */
export function sumUsage(usages: readonly LanguageModelV4Usage[]): LanguageModelV4Usage {
  if (usages.length === 1) return usages[0]!;
  return usages.reduce(
    (a, b) => ({
      inputTokens: {
        total: add(a.inputTokens.total, b.inputTokens.total),
        noCache: add(a.inputTokens.noCache, b.inputTokens.noCache),
        cacheRead: add(a.inputTokens.cacheRead, b.inputTokens.cacheRead),
        cacheWrite: add(a.inputTokens.cacheWrite, b.inputTokens.cacheWrite),
      },
      outputTokens: {
        total: add(a.outputTokens.total, b.outputTokens.total),
        text: add(a.outputTokens.text, b.outputTokens.text),
        reasoning: add(a.outputTokens.reasoning, b.outputTokens.reasoning),
      },
    }),
    noUsage,
  );
}

function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
