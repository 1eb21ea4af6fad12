import { describe, expect, it } from "vitest";
import type { CacheRow } from "./cache.ts";
import { createPrefixCache } from "./prefix-cache.ts";

/** A sequence of this many tokens whose keys count up from `from`; 8 bytes a token. */
function past(tokens: number, from = 0): CacheRow {
  const key = Float32Array.from({ length: tokens }, (_, i) => from + i);
  const shape = { layers: 1, heads: 1, headSize: 1 };
  return { cache: { shape, rows: 1, length: tokens, tensors: [key, key] }, row: 0, tokens };
}
const range = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

describe("createPrefixCache", () => {
  it("gives the longest common beginning, and always leaves a token to read", () => {
    const cache = createPrefixCache({ maxBytes: 1e6 });
    cache.add(range(20), past(20));
    cache.add([...range(12), 99, 98, 97], past(15, 100));
    expect(cache.find([...range(18), 7])?.tokens).toBe(18);
    expect(cache.find([...range(12), 99, 98, 1])!.cache.tensors[0]![13]).toBe(113);
    expect(cache.find(range(20))?.tokens).toBe(19);
    expect(cache.find(range(10))?.tokens).toBe(9);
  });

  it("has nothing for another beginning or a very short one", () => {
    const cache = createPrefixCache({ maxBytes: 1e6 });
    cache.add(range(20), past(20));
    expect(cache.find(range(20, 1))).toBeUndefined();
    expect(cache.find([...range(7), 99, 98])).toBeUndefined();
  });

  it("forgets the least recently used beyond its memory, and prompts that a longer one contains", () => {
    const cache = createPrefixCache({ maxBytes: 8 * 60 });
    cache.add(range(20), past(20));
    cache.add(range(20, 1000), past(20));
    cache.find(range(20));
    cache.add(range(30, 2000), past(30));
    expect(cache.find(range(20, 1000))).toBeUndefined();
    expect(cache.find(range(20))?.tokens).toBe(19);
    cache.add(range(25), past(25));
    expect(cache.find(range(30, 2000))?.tokens).toBe(29);
    expect(cache.find(range(40))?.tokens).toBe(25);
  });

  it("keeps nothing when it may not", () => {
    const cache = createPrefixCache({ maxBytes: 0 });
    cache.add(range(20), past(20));
    expect(cache.find(range(20))).toBeUndefined();
  });
});
