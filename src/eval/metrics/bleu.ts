// BLEU-1..4 as image captioning computes it (pycocoevalcap, bleu_scorer.py): over the corpus, n-gram counts clipped by the
// highest count in one reference, geometric mean, and a brevity penalty against the reference length nearest to the
// caption's (the shorter of two equally near). Traps: it is no mean of sentence scores; numerators get 1e-15 and
// denominators 1e-9 and nothing else is smoothed, so one caption without a match scores near 0, not 0; captions must be
// tokenised first (ptb-tokenizer.ts).
import { ngramCounts } from "./ngrams.ts";

/** A caption and its references, as tokens. */
export interface CaptionPair {
  prediction: readonly string[];
  references: readonly (readonly string[])[];
}

/** BLEU of orders 1, 2, 3 and 4. */
export type Bleu = [number, number, number, number];

/** What BLEU needs to know of one caption; the sums over a corpus give the corpus value. */
export interface BleuCounts {
  length: number;
  referenceLength: number;
  /** Matching n-grams by order, from 1. */
  matches: number[];
  /** All n-grams of the caption by order, from 1. */
  total: number[];
}

const orders = [1, 2, 3, 4];

/** BLEU of a corpus. */
export function bleu(pairs: readonly CaptionPair[]): Bleu {
  return bleuOf(pairs.map(bleuCounts));
}

/** Counts one caption. */
export function bleuCounts({ prediction, references }: CaptionPair): BleuCounts {
  const length = prediction.length;
  const referenceLength = references
    .map((reference) => reference.length)
    .reduce((best, next) => {
      const gain = Math.abs(best - length) - Math.abs(next - length);
      return gain > 0 || (gain === 0 && next < best) ? next : best;
    });
  const matches = orders.map((n) => {
    const ceilings = references.map((reference) => ngramCounts(reference, n));
    let sum = 0;
    for (const [ngram, count] of ngramCounts(prediction, n)) {
      sum += Math.min(count, Math.max(...ceilings.map((counts) => counts.get(ngram) ?? 0)));
    }
    return sum;
  });
  return { length, referenceLength, matches, total: orders.map((n) => Math.max(0, length - n + 1)) };
}

/** BLEU of the sum of counts: of a corpus, or of one caption. */
export function bleuOf(counts: readonly BleuCounts[]): Bleu {
  const sum = (of: (c: BleuCounts) => number) => counts.reduce((total, c) => total + of(c), 0);
  const ratio = (sum((c) => c.length) + 1e-15) / (sum((c) => c.referenceLength) + 1e-9);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return orders.map((n) => {
    product *= (sum((c) => c.matches[n - 1]!) + 1e-15) / (sum((c) => c.total[n - 1]!) + 1e-9);
    return product ** (1 / n) * penalty;
  }) as Bleu;
}
