import { expect, test } from "vitest";
import { noUsage, sumUsage, unknownUsage } from "./usage.ts";

const usage = (total: number) => ({
  inputTokens: { total, noCache: total - 1, cacheRead: 1, cacheWrite: 0 },
  outputTokens: { total: 2 * total, text: total, reasoning: total },
});

test("counts add up", () => {
  expect(sumUsage([usage(10), usage(5)])).toEqual({
    inputTokens: { total: 15, noCache: 13, cacheRead: 2, cacheWrite: 0 },
    outputTokens: { total: 30, text: 15, reasoning: 15 },
  });
});

test("no calls cost nothing, one call keeps what the provider said of it", () => {
  expect(sumUsage([])).toEqual(noUsage);
  const raw = { ...usage(3), raw: { billed: 9 } };
  expect(sumUsage([raw])).toEqual(raw);
});

test("a count that one call leaves out is unknown in the sum", () => {
  expect(sumUsage([usage(10), unknownUsage])).toEqual(unknownUsage);
});
