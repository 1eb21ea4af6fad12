// CIDEr-D, which caption leaderboards call CIDEr (Vedantam et al. 2015; pycocoevalcap, cider_scorer.py): mean over n = 1..4
// of the clipped cosine of tf-idf vectors of n-grams, times a Gaussian penalty on the difference of lengths (sigma 6),
// mean over references, times 10; 0 to 10, published times 100. Traps: tf is the raw count; document frequency counts
// the images of the evaluated corpus whose references hold the n-gram, so a value is comparable only for the same full
// set, and a single image scores 0; length is counted in bigrams; a vector of no length scores 0.
import type { CaptionPair } from "./bleu.ts";
import { ngramCounts } from "./ngrams.ts";

const orders = [1, 2, 3, 4];
const sigma = 6;

interface Vector {
  weights: Map<string, number>;
  norm: number;
}

/** CIDEr-D of every caption, from 0 to 10; the corpus value is the mean. */
export function ciderD(pairs: readonly CaptionPair[]): number[] {
  const scores = new Array<number>(pairs.length).fill(0);
  for (const n of orders) {
    const sets = pairs.map(({ references }) => references.map((reference) => ngramCounts(reference, n)));
    const weigh = weigher(sets);
    for (const [i, { prediction, references }] of pairs.entries()) {
      const caption = weigh(ngramCounts(prediction, n));
      const similarities = sets[i]!.map((counts, j) => {
        const difference = bigrams(prediction) - bigrams(references[j]!);
        return similarity(caption, weigh(counts)) * Math.exp(-(difference ** 2) / (2 * sigma ** 2));
      });
      scores[i]! += (10 * similarities.reduce((a, b) => a + b, 0)) / (similarities.length * orders.length);
    }
  }
  return scores;
}

/** Makes the function that turns counts into tf-idf weights, from the n-grams of every image's references. */
function weigher(sets: readonly Map<string, number>[][]): (counts: Map<string, number>) => Vector {
  const documents = new Map<string, number>();
  for (const references of sets) {
    const seen = new Set(references.flatMap((counts) => [...counts.keys()]));
    for (const ngram of seen) documents.set(ngram, (documents.get(ngram) ?? 0) + 1);
  }
  const logImages = Math.log(sets.length);
  return (counts) => {
    const weights = new Map<string, number>();
    let squares = 0;
    for (const [ngram, count] of counts) {
      const weight = count * (logImages - Math.log(documents.get(ngram) ?? 1));
      weights.set(ngram, weight);
      squares += weight * weight;
    }
    return { weights, norm: Math.sqrt(squares) };
  };
}

function similarity(caption: Vector, reference: Vector): number {
  if (caption.norm === 0 || reference.norm === 0) return 0;
  let sum = 0;
  for (const [ngram, weight] of caption.weights) {
    const other = reference.weights.get(ngram) ?? 0;
    sum += Math.min(weight, other) * other;
  }
  return sum / (caption.norm * reference.norm);
}

function bigrams(tokens: readonly string[]): number {
  return Math.max(0, tokens.length - 1);
}
