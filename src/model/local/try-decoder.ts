// What only a trial can tell of a model. Not every decoder may be given rows of different length at once: fused attention
// can ignore the padding mask, and a graph that quantises activations on the fly lets rows disturb each other. Neither
// shows in its inputs and outputs.
import type { Decoder } from "./decode.ts";

export interface Trial {
  tokensPerImage: number;
  /** True when rows of different length may share a pass. */
  batches: boolean;
}

/** Runs the sessions once on a grey picture and a few tokens; gives the decoder's memory back when that fails. */
export async function tryDecoder(decoder: Decoder, imageSize: number): Promise<Trial> {
  try {
    const [features] = await decoder.encodePictures([new Float32Array(3 * imageSize ** 2)], imageSize);
    return {
      tokensPerImage: features!.length / decoder.hiddenSize,
      batches: await batchesExactly(decoder),
    };
  } catch (error) {
    await decoder.dispose();
    throw error;
  }
}

/** True when two sequences of different length get the same logits together as each gets alone. */
async function batchesExactly(decoder: Decoder): Promise<boolean> {
  const read = async (...ids: number[]) => {
    const { rows } = await decoder.pass([{ embeddings: await decoder.embed(ids) }]);
    return rows[0]!;
  };
  const rows = [
    { past: await read(1, 2, 3, 4, 5), embeddings: await decoder.embed([6]) },
    { past: await read(7, 8), embeddings: await decoder.embed([9]) },
  ];
  const together = await decoder.pass(rows);
  for (const [r, row] of rows.entries()) {
    const alone = await decoder.pass([row]);
    if (!nearlyEqual(together.logits[r]![0]!, alone.logits[0]![0]!)) return false;
  }
  return true;
}

/** Equal but for rounding, measured by the spread of the values. */
function nearlyEqual(a: Float32Array, b: Float32Array): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let difference = 0;
  for (let i = 0; i < b.length; i++) {
    low = Math.min(low, b[i]!);
    high = Math.max(high, b[i]!);
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
  }
  return difference <= 1e-3 * (high - low);
}
