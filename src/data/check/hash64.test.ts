import fc from "fast-check";
import { expect, test } from "vitest";
import { Hash64Map, hash64 } from "./hash64.ts";
import { createMinHash, signatureSimilarity } from "./min-hash.ts";

test("50,000 texts that differ in a few characters have as many hashes, whose halves are spread evenly", () => {
  const hashes = new Set<bigint>();
  const buckets = new Uint32Array(16);
  for (let i = 0; i < 50_000; i++) {
    const { high, low } = hash64(`{"id":"${i}","text":"the same words as everywhere"}`);
    hashes.add((BigInt(high) << 32n) | BigInt(low));
    buckets[low & 15]!++;
    buckets[high >>> 28]!++;
  }
  expect(hashes.size).toBe(50_000);
  // 6,250 each; six standard deviations are about 460.
  for (const count of buckets) expect(Math.abs(count - 6_250)).toBeLessThan(500);
});

test("the map does what a Map does, over its growth and for hashes that fall on one place", () => {
  const half = fc.constantFrom(0, 1, 4096, 8192, 0xffffffff);
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half, fc.nat()), { maxLength: 40 }), (entries) => {
      const [map, plain] = [new Hash64Map(), new Map<string, number>()];
      for (const [high, low, value] of entries) {
        if (map.getOrSet({ high, low }, value) !== plain.get(`${high} ${low}`)) return false;
        if (!plain.has(`${high} ${low}`)) plain.set(`${high} ${low}`, value);
      }
      return map.size === plain.size;
    }),
  );
  const map = new Hash64Map();
  for (let i = 0; i < 20_000; i++) map.set(hash64(String(i)), i);
  for (let i = 0; i < 20_000; i++) if (map.get(hash64(String(i))) !== i) expect.fail(`${i} is lost`);
  expect(map.get(hash64("another"))).toBeUndefined();
  expect(() => map.set(hash64("large"), 2 ** 32 - 1)).toThrow(
    "value: must be below 2^32 - 1, got 4294967295.",
  );
});

test("MinHash estimates Jaccard similarity within four standard errors", () => {
  const minHash = createMinHash();
  const range = (from: number, to: number) =>
    new Set(Array.from({ length: to - from }, (_, i) => (from + i) * 7919));
  for (const overlap of [0, 50, 80, 95, 100]) {
    // Of two sets of 100 numbers with `overlap` in common.
    const expected = overlap / (200 - overlap);
    const found = signatureSimilarity(minHash(range(0, 100)), minHash(range(100 - overlap, 200 - overlap)));
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(4 * Math.sqrt((expected * (1 - expected)) / 128));
  }
});
