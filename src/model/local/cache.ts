// The keys and values of the tokens that a decoder has read. A cache holds one or more rows (sequences), all ending at
// the same place: a shorter row has padding on its left, which the attention mask hides. A cache is never written to:
// a decoder step returns a new one. So a fork is free (two owners of one cache), and only cutting, picking rows and
// putting caches together copy.

/** Sizes that all caches of one model share. */
export interface CacheShape {
  layers: number;
  heads: number;
  headSize: number;
}

export interface KvCache {
  shape: CacheShape;
  rows: number;
  /** Places for tokens, padding included. */
  length: number;
  /** Key and value of layer 0, then of layer 1, …; each [rows, heads, length, headSize]. */
  tensors: readonly Float32Array[];
}

/** One sequence in a cache: its row, and how many of the last places are its tokens. */
export interface CacheRow {
  cache: KvCache;
  row: number;
  tokens: number;
}

/** A cache of no tokens. */
export function emptyCache(shape: CacheShape, rows: number): KvCache {
  const tensors = Array.from({ length: 2 * shape.layers }, () => new Float32Array(0));
  return { shape, rows, length: 0, tensors };
}

/** Puts sequences into one cache, padded on the left to the longest. Returns the same cache when nothing changes. */
export function joinRows(sequences: readonly CacheRow[]): KvCache {
  const first = sequences[0]!.cache;
  const length = Math.max(...sequences.map(({ tokens }) => tokens));
  const unchanged =
    first.rows === sequences.length &&
    first.length === length &&
    sequences.every(({ cache, row }, i) => cache === first && row === i);
  if (unchanged) return first;
  const { heads, headSize } = first.shape;
  const tensors = first.tensors.map((_, t) => {
    const target = new Float32Array(sequences.length * heads * length * headSize);
    sequences.forEach(({ cache, row, tokens }, r) => {
      for (let h = 0; h < heads; h++) {
        const end = (row * heads + h + 1) * cache.length * headSize;
        const at = ((r * heads + h + 1) * length - tokens) * headSize;
        target.set(cache.tensors[t]!.subarray(end - tokens * headSize, end), at);
      }
    });
    return target;
  });
  return { shape: first.shape, rows: sequences.length, length, tensors };
}

/** The first `tokens` tokens of a sequence, as a cache of one row. */
export function cropRow({ cache, row, tokens }: CacheRow, keep: number): CacheRow {
  if (keep === tokens && cache.rows === 1 && cache.length === tokens) return { cache, row, tokens };
  const { heads, headSize } = cache.shape;
  const tensors = cache.tensors.map((source) => {
    const target = new Float32Array(heads * keep * headSize);
    for (let h = 0; h < heads; h++) {
      const start = ((row * heads + h + 1) * cache.length - tokens) * headSize;
      target.set(source.subarray(start, start + keep * headSize), h * keep * headSize);
    }
    return target;
  });
  return { cache: { shape: cache.shape, rows: 1, length: keep, tensors }, row: 0, tokens: keep };
}

/** Memory of a cache in bytes. */
export function cacheBytes({ tensors }: KvCache): number {
  return tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
}
