// Rows that say nearly the same about the same picture: by MinHash over runs of three words, found without comparing all
// pairs. A signature is cut into bands; rows that agree in all of one band are compared (locality-sensitive hashing). Rows
// about different pictures are let alone: the same question is rightly asked of many. About 0.8 KB are kept of each row.
import { Hash64Map, hash64 } from "./hash64.ts";
import { createMinHash, signatureSimilarity, signatureSize } from "./min-hash.ts";
import { type Check, rowPlace } from "./row-view.ts";
import { shingleHashes, wordsOf } from "./words.ts";

export interface NearDuplicateOptions {
  /** Similarity from which rows are reported, from 0 to 1. @default 0.8 */
  threshold?: number;
}

// 16 bands of 8: a pair of similarity s meets with probability 1 - (1 - s^8)^16, which is 0.95 at 0.8 and 0.9999 at 0.9.
const bands = 16;
const rowsPerBand = signatureSize / bands;
const shingleWords = 3;
/** Shorter rows are alike by chance. */
const minWords = 8;

/** Checks for rows that are nearly the same as an earlier one. */
export function nearDuplicates({ threshold = 0.8 }: NearDuplicateOptions = {}): Check {
  const minHash = createMinHash();
  const buckets = new Hash64Map();
  const signatures: Uint16Array[] = [];
  const places: string[] = [];
  const texts = new Hash64Map();
  return {
    name: "near-duplicate",
    row(row, report) {
      const { turns, pictures } = row.view;
      const said = turns.filter(({ role }) => role === "user" || role === "assistant");
      const text = said.map((turn) => turn.text).join("\n");
      const words = wordsOf(text);
      if (words.length < minWords) return;
      const about = pictures.map(({ source }) => source).join("\u0000");
      // The same text again is an exact duplicate, which another check reports.
      if (texts.getOrSet(hash64(`${about}\u0001${text}`), 0) !== undefined) return;
      const signature = minHash(shingleHashes(words, shingleWords));
      const index = signatures.length;
      let best = -1;
      let similarity = 0;
      for (let band = 0; band < bands; band++) {
        const slice = signature.subarray(band * rowsPerBand, (band + 1) * rowsPerBand);
        const key = `${band}\u0000${about}\u0000${String.fromCharCode(...slice)}`;
        const other = buckets.getOrSet(hash64(key), index);
        if (other === undefined || other === best || other === index) continue;
        const alike = signatureSimilarity(signature, signatures[other]!);
        if (alike > similarity) [best, similarity] = [other, alike];
      }
      signatures.push(signature);
      places.push(`${row.file}:${row.line}`);
      if (best < 0 || similarity < threshold) return;
      const message = `is nearly the same as ${places[best]} (similarity about ${similarity.toFixed(2)})`;
      report({ check: "near-duplicate", severity: "warning", ...rowPlace(row), message });
    },
  };
}
