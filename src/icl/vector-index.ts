// Nearest vectors by an exact scan: one product with every vector, which finds what is there and nothing else. Up to
// 100,000 vectors are taken; for more, a set has to be thinned out first.
import { assert, InputError } from "../errors/index.ts";
import { unitVector } from "../util/unit-vector.ts";

/** Most vectors of one index. */
export const maxVectors = 100_000;

/** Vectors of length 1 (or 0) in one block of memory. */
export interface VectorIndex {
  size: number;
  dimensions: number;
  /** Cosine similarity of a query with every vector, [size]. */
  scores(query: Float32Array): Float32Array;
  /** Cosine similarity of two of the vectors. */
  between(a: number, b: number): number;
}

/** Makes an index; a missing vector is near to nothing. Vectors are copied, and scaled to length 1. */
export function createVectorIndex(
  vectors: readonly (Float32Array | null)[],
  dimensions: number,
): VectorIndex {
  const size = vectors.length;
  checkCount(size);
  // Rows are filled up with zeros to a multiple of four, for the loop below.
  const stride = Math.ceil(dimensions / 4) * 4;
  const data = new Float32Array(size * stride);
  for (const [i, vector] of vectors.entries()) {
    if (!vector) continue;
    checkLength(vector, dimensions);
    data.set(unitVector(vector), i * stride);
  }
  return {
    size,
    dimensions,
    scores(query) {
      checkLength(query, dimensions);
      const unit = new Float64Array(stride);
      unit.set(unitVector(query));
      const scores = new Float32Array(size);
      // One loop over all vectors, with four sums side by side so that additions need not wait for each other: four times
      // as fast as a function called for each vector.
      for (let i = 0, at = 0; i < size; i++) {
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let j = 0; j < stride; j += 4, at += 4) {
          s0 += data[at]! * unit[j]!;
          s1 += data[at + 1]! * unit[j + 1]!;
          s2 += data[at + 2]! * unit[j + 2]!;
          s3 += data[at + 3]! * unit[j + 3]!;
        }
        scores[i] = s0 + s1 + s2 + s3;
      }
      return scores;
    },
    between(a, b) {
      let sum = 0;
      for (let j = 0; j < stride; j++) sum += data[a * stride + j]! * data[b * stride + j]!;
      return sum;
    },
  };
}

/** Throws for more vectors than an exact scan is meant for. */
export function checkCount(count: number): void {
  if (count <= maxVectors) return;
  throw new InputError({
    where: "demonstrations",
    rule: `may be at most ${maxVectors.toLocaleString("en-US")}, since every search looks at all of them`,
    got: count.toLocaleString("en-US"),
    hint: "Choose a part of the dataset.",
  });
}

/** Positions by falling score; equal scores keep their order. Only the first `n` are put into order. */
export function topPositions(scores: ArrayLike<number>, n: number): number[] {
  const before = (a: number, b: number) => scores[b]! - scores[a]! || a - b;
  const limit = Math.min(n, scores.length);
  if (limit >= scores.length / 8) {
    return Array.from({ length: scores.length }, (_, i) => i)
      .sort(before)
      .slice(0, limit);
  }
  // Everything below the best so far is passed over without sorting.
  let best: number[] = [];
  let floor = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! <= floor) continue;
    best.push(i);
    if (best.length < 2 * limit + 64) continue;
    best = best.sort(before).slice(0, limit);
    floor = scores[best.at(-1)!]!;
  }
  return best.sort(before).slice(0, limit);
}

function checkLength({ length }: Float32Array, dimensions: number): void {
  assert(length === dimensions, "icl.vectorIndex", `vectors must have ${dimensions} numbers`, String(length));
}
