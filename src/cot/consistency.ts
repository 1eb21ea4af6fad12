// Two ways to say which of several texts fits best: to each other, or to neighbours in an encoder's space.

/** The text that shares most words with the others (mean F1 over words); of equals the first. */
export function mostAgreed(texts: readonly string[]): string {
  const bags = texts.map(wordsOf);
  const scores = bags.map((bag, i) => mean(bags.flatMap((other, j) => (i === j ? [] : [f1(bag, other)]))));
  return texts[scores.indexOf(Math.max(...scores))]!;
}

/** The text whose vector has the highest mean cosine with the neighbours; of equals the first. */
export function mostSimilar(
  texts: readonly string[],
  { candidates, neighbours }: { candidates: readonly Float32Array[]; neighbours: readonly Float32Array[] },
): string {
  const scores = candidates.map((vector) => mean(neighbours.map((other) => cosine(vector, other))));
  return texts[scores.indexOf(Math.max(...scores))]!;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** 2 * shared / (all words of both), each word as often as it stands. */
function f1(a: readonly string[], b: readonly string[]): number {
  const open = [...b];
  let shared = 0;
  for (const word of a) {
    const at = open.indexOf(word);
    if (at < 0) continue;
    open.splice(at, 1);
    shared++;
  }
  return a.length + b.length === 0 ? 0 : (2 * shared) / (a.length + b.length);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb || 1);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}
