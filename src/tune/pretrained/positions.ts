// Numbers that say where tokens stand, made outside of the graphs.
import { InputError } from "../../errors/index.ts";
import type { TensorData } from "../../onnx/index.ts";
import type { Blueprint } from "./architectures.ts";

/** 0 where a token may look (itself and what is before it), -1e9 elsewhere: [length, past + length]. */
export function causalBias({ past, length }: { past: number; length: number }): Float32Array {
  const total = past + length;
  const bias = new Float32Array(length * total);
  for (let t = 0; t < length; t++) bias.fill(-1e9, t * total + past + t + 1, (t + 1) * total);
  return bias;
}

/** Pictures as a model takes them: [count, channels, side, side], row by row, scaled and normalised. */
export interface Pixels {
  data: Float32Array;
  count: number;
}

/**
 * Inputs `seen_index` and `is_seen` of a sequence or several: the n-th `token` gets the n-th row. `slots` says where each of the ids
 * lies among `total` places; by default they lie as they come.
 */
export function placePictures(
  ids: readonly number[],
  token: number | undefined,
  { slots, total }: { slots?: readonly number[]; total: number } = { total: ids.length },
): Record<string, TensorData> {
  const index = new BigInt64Array(total);
  const isSeen = new Float32Array(total);
  let next = 0n;
  ids.forEach((id, i) => {
    if (id !== token) return;
    const at = slots?.[i] ?? i;
    index[at] = next++;
    isSeen[at] = 1;
  });
  return {
    seen_index: { type: "int64", data: index, dims: [total] },
    is_seen: { type: "float32", data: isSeen, dims: [total, 1] },
  };
}

/** Refuses tokens and pictures that the model does not have, sequences that are too long, and pictures without places. */
export function checkInputs(
  { text, image }: Blueprint,
  sequences: readonly (readonly number[])[],
  pixels: Pixels | undefined,
  where: string,
): void {
  const bad = (rule: string, got: string) => new InputError({ where, rule, got });
  const { vocabulary, context } = text!.config;
  for (const ids of sequences) {
    if (ids.length === 0 || ids.length > context)
      throw bad(`a sequence must have 1 to ${context} tokens`, `${ids.length}`);
    const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
    if (foreign !== undefined) throw bad(`tokens must be 0 to ${vocabulary - 1}`, `${foreign}`);
  }
  if (pixels) checkPixels(image, pixels, where);
  const places = image ? sequences.flat().filter((id) => id === image.token).length : 0;
  const vectors = (image?.tokens ?? 0) * (pixels?.count ?? 0);
  if (places !== vectors) {
    const rule = `the pictures' ${vectors} vectors must each have a place (token ${image?.token})`;
    throw bad(rule, `${places} places`);
  }
}

/** Refuses pictures of another size than the model's. */
export function checkPixels(image: Blueprint["image"], { data, count }: Pixels, where: string): void {
  if (!image) throw new InputError({ where, rule: "the model must have eyes", got: `${count} pictures` });
  const { channels, side } = image;
  if (Number.isInteger(count) && count > 0 && data.length === count * channels * side ** 2) return;
  const rule = `${count} pictures must be [${count}, ${channels}, ${side}, ${side}]`;
  throw new InputError({ where, rule, got: `${data.length} numbers` });
}
