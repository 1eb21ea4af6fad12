// Scores given answers: the log-probability of writing exactly this answer and then ending. The prompt is read once;
// every answer continues from a fork of its cache.
import type { CacheRow } from "./cache.ts";
import type { Decoder } from "./decode.ts";
import type { Sequence } from "./engine.ts";
import { logSoftmax } from "./sample.ts";

/** Answers in one pass: bounds the memory for copies of the prompt's cache. */
const perPass = 16;

/** Sum of the tokens' log-probabilities of each answer. Answers are tokens with the end token. */
export async function scoreChoices(
  decoder: Decoder,
  prompt: Sequence,
  answers: readonly (readonly number[])[],
): Promise<number[]> {
  const first = logSoftmax(prompt.logits);
  const scores = answers.map((ids) => first[ids[0]!]!);
  const longer = answers.map((ids, index) => ({ ids, index })).filter(({ ids }) => ids.length > 1);
  // Answers of equal length together: no padding, and the logits of exactly the tokens that are scored.
  const groups = Map.groupBy(longer, ({ ids }) => ids.length);
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += perPass) {
      const part = group.slice(at, at + perPass);
      const logits = await readAll(decoder, prompt.past, part);
      part.forEach(({ ids, index }, r) => {
        for (let k = 1; k < ids.length; k++) scores[index]! += logSoftmax(logits[r]![k - 1]!)[ids[k]!]!;
      });
    }
  }
  return scores;
}

async function readAll(
  decoder: Decoder,
  past: CacheRow,
  answers: { ids: readonly number[] }[],
): Promise<Float32Array[][]> {
  const length = answers[0]!.ids.length - 1;
  const embeddings = await decoder.embed(answers.flatMap(({ ids }) => ids.slice(0, -1)));
  const size = length * decoder.hiddenSize;
  const rows = answers.map((_, r) => ({ past, embeddings: embeddings.subarray(r * size, (r + 1) * size) }));
  return (await decoder.pass(rows, length)).logits;
}
