import { hash64 } from "./hash64.ts";

/** Words of a text for comparison: lower case, compatibility forms and marks of punctuation gone. */
export function wordsOf(text: string): string[] {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** 32-bit hashes of all runs of `size` words; of the whole text when it is shorter. */
export function shingleHashes(words: readonly string[], size: number): Set<number> {
  const shingles = new Set<number>();
  for (let i = 0; i <= Math.max(0, words.length - size); i++) {
    shingles.add(hash64(words.slice(i, i + size).join(" ")).low);
  }
  return shingles;
}
