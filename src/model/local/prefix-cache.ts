// Prompts that begin alike (the same picture with another question, the same demonstrations) need to be read only once.
// The keys and values of recent prompts are kept within a memory limit; a new prompt starts from the longest beginning
// that it shares with one of them. Sharing never changes an answer beyond rounding.
import { type CacheRow, cacheBytes, cropRow } from "./cache.ts";

export interface PrefixCache {
  /** What has been read of the beginning of this prompt, always leaving at least one token to read. */
  find(key: readonly number[]): CacheRow | undefined;
  /** Keeps what has been read of a prompt. */
  add(key: readonly number[], past: CacheRow): void;
}

/** Shorter common beginnings are not worth a copy. */
const worthwhile = 8;

/** Creates the cache. Keys are token ids, with a number of its own for each picture. */
export function createPrefixCache({ maxBytes }: { maxBytes: number }): PrefixCache {
  let entries: { key: readonly number[]; past: CacheRow }[] = [];
  return {
    find(key) {
      let best: (typeof entries)[number] | undefined;
      let length = worthwhile - 1;
      for (const entry of entries) {
        const common = Math.min(commonLength(entry.key, key), key.length - 1);
        if (common <= length) continue;
        best = entry;
        length = common;
      }
      if (!best) return undefined;
      entries = [...entries.filter((entry) => entry !== best), best];
      return cropRow(best.past, length);
    },
    add(key, past) {
      entries = entries.filter((entry) => commonLength(entry.key, key) < entry.key.length);
      entries.push({ key, past: cropRow(past, key.length) });
      let total = entries.reduce((sum, entry) => sum + cacheBytes(entry.past.cache), 0);
      while (total > maxBytes) total -= cacheBytes(entries.shift()!.past.cache);
    },
  };
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const limit = Math.min(a.length, b.length);
  let i = 0;
  while (i < limit && a[i] === b[i]) i++;
  return i;
}
