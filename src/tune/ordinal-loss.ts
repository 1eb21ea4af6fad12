// A lesson in counting at every visual token. A decoder counts things by looking for equal ones among the tokens; questions alone
// teach that slowly, one number for a whole picture. Here each token of a thing says, halfway up the decoder, the
// how-manieth of its kind it is, and every other token how many things there were up to it. Words behind the picture find the
// numbers there in the layers above: the last of its kind says how many there are, and a list goes from one to the next.
import { ops, type Value } from "../onnx/index.ts";
import { embeddingMatrix } from "./decoder.ts";
import { norm } from "./layers.ts";
import type { ModelConfig } from "./model-config.ts";
import type { ParameterSource } from "./parameters.ts";

/** Numbers that a token can say are below this. */
export const ordinalCount = 10;

/** The decoder layer, counted from 1, whose visual tokens say numbers. */
export function ordinalLayer({ decoderLayers }: ModelConfig): number {
  return Math.ceil(decoderLayers / 2);
}

/**
 * The loss over visual tokens [B, cells, width] of the middle layer, compared with the embeddings of the number words
 * (`numbers`: token ids of "0" to "9"). Inputs `ordinal_targets` int64 and `ordinal_weights` [B*cells].
 */
export function countThings(
  p: ParameterSource,
  seen: Value,
  config: ModelConfig,
  { numbers, count }: { numbers: readonly number[]; count: Value["shape"][number] },
): { loss: Value; logits: Value } {
  const { graph } = p;
  const words = graph.constant(BigInt64Array.from(numbers, BigInt), [numbers.length]);
  const matrix = ops.gatherRows(embeddingMatrix(p, config), words);
  const logits = ops.gemm(ops.flattenRows(norm(p, "decoder.norm", seen)), matrix, { transB: true });
  const targets = graph.input("ordinal_targets", "int64", [count]);
  const weights = graph.input("ordinal_weights", "float32", [count]);
  return { logits, loss: ops.crossEntropy(logits, targets, weights) };
}

/** What the cells are to say, and how much that counts, for things whose cell and ordinal are known. */
export function ordinalsOf(
  things: readonly { cell: number; ordinal?: number | undefined }[] | undefined,
  cells: number,
): { targets: number[]; weights: number[] } {
  const known = things?.every(({ ordinal }) => ordinal !== undefined) ?? false;
  const targets: number[] = [];
  let before = 0;
  for (let cell = 0; cell < cells; cell++) {
    const here = things?.filter((thing) => thing.cell === cell) ?? [];
    before += here.length;
    targets.push(Math.min(here.at(-1)?.ordinal ?? before, ordinalCount - 1));
  }
  const isThing = new Set(things?.map(({ cell }) => cell));
  return { targets, weights: targets.map((_, cell) => (known ? (isThing.has(cell) ? 1 : EMPTY_WEIGHT) : 0)) };
}

/** Cells without the middle of a thing count this much beside those with one. */
const EMPTY_WEIGHT = 0.1;
