// How near every demonstration is to a question, by picture, by words, or by both.
import type { SelectionTask } from "./selector.ts";
import { topPositions } from "./vector-index.ts";

export type Likeness = "image" | "text" | "mixed";

/**
 * Scores of all demonstrations: cosines, or for `mixed` the weighted mean of both in standard scores, so that the kind of
 * vector that spreads wider does not decide alone. A question without pictures is compared by words.
 */
export async function likenessScores(
  { pool, query, pictures, signal }: Pick<SelectionTask, "pool" | "query" | "pictures" | "signal">,
  { by, imageWeight = 0.5 }: { by: Likeness; imageWeight?: number },
): Promise<Float32Array> {
  const { encoder, images, texts } = await pool.index();
  const byText = by !== "image" || pictures.length === 0;
  const byImage = by !== "text" && pictures.length > 0;
  const vectors = await encoder.embed({
    texts: byText ? [query.question] : [],
    images: byImage ? [...pictures] : [],
    ...(signal ? { signal } : {}),
  });
  const textScores = byText ? texts.scores(vectors[0]!) : undefined;
  const imageScores = byImage ? images.scores(meanVector(vectors.slice(byText ? 1 : 0))) : undefined;
  if (!textScores || !imageScores) return (textScores ?? imageScores)!;
  const [a, b] = [standardScores(imageScores), standardScores(textScores)];
  return a.map((score, i) => imageWeight * score + (1 - imageWeight) * b[i]!);
}

/** Positions of all demonstrations from the nearest on; only as many are sorted as are asked for. */
export function* nearestFirst(scores: Float32Array, k: number): Generator<number> {
  let given = 0;
  for (let n = 4 * k + 16; ; n *= 8) {
    const positions = topPositions(scores, n);
    yield* positions.slice(given);
    given = positions.length;
    if (given < n) return;
  }
}

/** The vector of several pictures together. */
export function meanVector(vectors: readonly Float32Array[]): Float32Array {
  return vectors[0]!.map((_, i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length);
}

function standardScores(scores: Float32Array): Float32Array {
  const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
  const spread = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length) || 1;
  return scores.map((x) => (x - mean) / spread);
}
