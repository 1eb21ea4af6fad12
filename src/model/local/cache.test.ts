import { describe, expect, it } from "vitest";
import { cacheBytes, cropRow, emptyCache, joinRows, type KvCache } from "./cache.ts";

const shape = { layers: 1, heads: 2, headSize: 1 };

/** One row; the key of token t in head h is 10 * h + t (+ 100 for values). */
function cacheOf(tokens: number): KvCache {
  const key = Float32Array.from(
    { length: 2 * tokens },
    (_, i) => 10 * Math.floor(i / tokens) + (i % tokens) + 1,
  );
  return { shape, rows: 1, length: tokens, tensors: [key, key.map((x) => x + 100)] };
}

describe("cache", () => {
  it("joins rows of different length with padding on the left", () => {
    const joined = joinRows([
      { cache: cacheOf(3), row: 0, tokens: 3 },
      { cache: cacheOf(1), row: 0, tokens: 1 },
    ]);
    expect(joined).toMatchObject({ rows: 2, length: 3 });
    expect([...joined.tensors[0]!]).toEqual([1, 2, 3, 11, 12, 13, 0, 0, 1, 0, 0, 11]);
    expect([...joined.tensors[1]!]).toEqual([101, 102, 103, 111, 112, 113, 0, 0, 101, 0, 0, 111]);
  });

  it("drops rows and padding that nobody needs any more", () => {
    const joined = joinRows([
      { cache: cacheOf(3), row: 0, tokens: 3 },
      { cache: cacheOf(1), row: 0, tokens: 1 },
      { cache: cacheOf(2), row: 0, tokens: 2 },
    ]);
    const kept = joinRows([
      { cache: joined, row: 2, tokens: 2 },
      { cache: joined, row: 1, tokens: 1 },
    ]);
    expect(kept.length).toBe(2);
    expect([...kept.tensors[0]!]).toEqual([1, 2, 11, 12, 0, 1, 0, 11]);
  });

  it("shares an unchanged batch instead of copying it", () => {
    const cache = joinRows([
      { cache: cacheOf(2), row: 0, tokens: 2 },
      { cache: cacheOf(1), row: 0, tokens: 1 },
    ]);
    const rows = [0, 1].map((row) => ({ cache, row, tokens: 2 - row }));
    expect(joinRows(rows)).toBe(cache);
    expect(joinRows(rows.toReversed())).not.toBe(cache);
    // One sequence twice is two rows.
    expect([...joinRows([rows[1]!, rows[1]!]).tensors[0]!]).toEqual([1, 11, 1, 11]);
  });

  it("crops to the first tokens of a padded row", () => {
    const joined = joinRows([
      { cache: cacheOf(4), row: 0, tokens: 4 },
      { cache: cacheOf(3), row: 0, tokens: 3 },
    ]);
    const { cache, row, tokens } = cropRow({ cache: joined, row: 1, tokens: 3 }, 2);
    expect({ row, tokens, length: cache.length, rows: cache.rows }).toEqual({
      row: 0,
      tokens: 2,
      length: 2,
      rows: 1,
    });
    expect([...cache.tensors[0]!]).toEqual([1, 2, 11, 12]);
    expect([...cache.tensors[1]!]).toEqual([101, 102, 111, 112]);
    expect(cacheBytes(cache)).toBe(2 * 4 * 4);
  });

  it("starts empty", () => {
    expect(emptyCache(shape, 3)).toEqual({
      shape,
      rows: 3,
      length: 0,
      tensors: [new Float32Array(0), new Float32Array(0)],
    });
  });
});
