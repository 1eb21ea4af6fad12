// ROUGE-L as image captioning computes it (pycocoevalcap, rouge.py): from the longest common subsequence, precision and
// recall are each the best over the references, separately, and F has beta 1.2. Traps: precision and recall may come from
// different references; the ROUGE-L of summarisation (beta 1 or very large, stemming) is another number; a caption
// without tokens counts there as one empty token, so that it matches an empty reference.
import type { CaptionPair } from "./bleu.ts";

const beta2 = 1.2 ** 2;

/** ROUGE-L of one caption, from 0 to 1; the corpus value is the mean. */
export function rougeL({ prediction, references }: CaptionPair): number {
  const caption = prediction.length > 0 ? prediction : [""];
  let precision = 0;
  let recall = 0;
  for (const tokens of references) {
    const reference = tokens.length > 0 ? tokens : [""];
    const common = longestCommonSubsequence(caption, reference);
    precision = Math.max(precision, common / caption.length);
    recall = Math.max(recall, common / reference.length);
  }
  return precision === 0 ? 0 : ((1 + beta2) * precision * recall) / (recall + beta2 * precision);
}

/** Length of the longest sequence that both lists hold in order, not necessarily side by side. */
export function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Array<number>(b.length + 1).fill(0);
  for (const token of a) {
    const row = [0];
    for (let j = 1; j <= b.length; j++) {
      row.push(token === b[j - 1] ? previous[j - 1]! + 1 : Math.max(previous[j]!, row[j - 1]!));
    }
    previous = row;
  }
  return previous[b.length]!;
}
