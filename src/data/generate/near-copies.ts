// Texts about one picture that say nearly the same, by MinHash over runs of three words.

import type { Sample } from "../../spec/index.ts";
import { createMinHash, signatureSimilarity } from "../check/min-hash.ts";
import { shingleHashes, wordsOf } from "../check/words.ts";

/** Makes a test for Samples: true when nearly the same was said of the same picture before. */
export function nearCopies(threshold = 0.8): (sample: Sample) => boolean {
  const minHash = createMinHash();
  const known = new Map<string, Uint16Array[]>();
  return (sample) => {
    const turns = (sample.turns ?? []).flatMap(({ content }) => content);
    const texts = turns.map((part) => (part.type === "text" ? part.text : ""));
    const words = wordsOf([...texts, sample.instruction, sample.response ?? ""].join("\n"));
    const signature = minHash(shingleHashes(words, 3));
    const group = sample.group ?? sample.id;
    const others = known.get(group) ?? [];
    if (others.some((other) => signatureSimilarity(signature, other) >= threshold)) return true;
    known.set(group, [...others, signature]);
    return false;
  };
}
