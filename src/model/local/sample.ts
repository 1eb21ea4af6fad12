// Picks the next token from logits: the most likely one, or a random one from a tempered and cut-off distribution.
import { createRng } from "../../util/rng.ts";

export interface SamplerOptions {
  /** 0 is greedy. @default 0 */
  temperature?: number | undefined;
  /** Keeps the most likely tokens that together reach this probability. @default 1 */
  topP?: number | undefined;
  /** Keeps this many of the most likely tokens; 0 keeps all. @default 0 */
  topK?: number | undefined;
  /** Same seed and logits, same tokens. */
  seed: number;
}

/** Creates a function from logits to the next token. */
export function createSampler({ temperature = 0, topP = 1, topK = 0, seed }: SamplerOptions) {
  if (temperature <= 0) return argmax;
  const rng = createRng("sample", seed);
  return (logits: Float32Array): number => {
    const ids = Array.from(logits, (_, id) => id);
    // Equal logits keep the order of their ids, so that ties do not depend on the sort.
    ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
    const kept = topK > 0 ? ids.slice(0, topK) : ids;
    const top = logits[kept[0]!]!;
    const weights = kept.map((id) => Math.exp((logits[id]! - top) / temperature));
    const total = weights.reduce((a, b) => a + b);
    let count = 0;
    let mass = 0;
    while (count < kept.length && (count === 0 || mass < topP * total)) mass += weights[count++]!;
    let draw = rng.next() * mass;
    for (let i = 0; i < count; i++) {
      draw -= weights[i]!;
      if (draw < 0) return kept[i]!;
    }
    return kept[count - 1]!;
  };
}

/** The most likely token; among equals the one with the smallest id. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/** Natural logarithm of each token's probability. */
export function logSoftmax(logits: Float32Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const x of logits) if (x > top) top = x;
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - top);
  const shift = top + Math.log(sum);
  return Float64Array.from(logits, (x) => x - shift);
}

/** The `count` most likely tokens with their log-probabilities, most likely first; never an impossible one. */
export function topTokens(logprobs: Float64Array, count: number): { id: number; logprob: number }[] {
  const top: { id: number; logprob: number }[] = [];
  logprobs.forEach((logprob, id) => {
    if (logprob === Number.NEGATIVE_INFINITY) return;
    if (top.length === count && logprob <= (top.at(-1)?.logprob ?? Number.POSITIVE_INFINITY)) return;
    const at = top.findIndex((entry) => entry.logprob < logprob);
    top.splice(at < 0 ? top.length : at, 0, { id, logprob });
    if (top.length > count) top.pop();
  });
  return top;
}
