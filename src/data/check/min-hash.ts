// MinHash (Broder 1997): of each of K random orders of all shingles, a row keeps which of its own comes first. Two rows
// agree in a place with the probability of their Jaccard similarity, |A and B| / |A or B|, so the share of places that
// agree estimates it (standard error at most 0.045 for K = 128). Of each minimum the low 16 bits are kept, which adds a
// chance agreement of 1 in 65,536 (b-bit minwise hashing, Li and Koenig 2010).
import { createRng } from "../../util/rng.ts";

/** Places of a signature. */
export const signatureSize = 128;

/** Creates the function that gives the signature of a set of 32-bit shingle hashes. */
export function createMinHash(): (shingles: ReadonlySet<number>) => Uint16Array {
  const rng = createRng("min-hash", 1);
  const factors = Uint32Array.from({ length: signatureSize }, () => rng.int(2 ** 32) | 1);
  const offsets = Uint32Array.from({ length: signatureSize }, () => rng.int(2 ** 32));
  const minima = new Uint32Array(signatureSize);
  return (shingles) => {
    minima.fill(0xffffffff);
    for (const shingle of shingles) {
      for (let i = 0; i < signatureSize; i++) {
        let h = Math.imul(shingle ^ offsets[i]!, factors[i]!);
        h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
        h = (h ^ (h >>> 13)) >>> 0;
        if (h < minima[i]!) minima[i] = h;
      }
    }
    return Uint16Array.from(minima, (h) => h & 0xffff);
  };
}

/** Share of places in which two signatures agree: an estimate of the Jaccard similarity. */
export function signatureSimilarity(a: Uint16Array, b: Uint16Array): number {
  let same = 0;
  for (let i = 0; i < signatureSize; i++) if (a[i] === b[i]) same++;
  return same / signatureSize;
}
