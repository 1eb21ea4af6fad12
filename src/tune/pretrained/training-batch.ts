// What one step of training takes in: tokens and labels, padded to the graph's length, and the pictures that stand in them.
import { InputError } from "../../errors/index.ts";
import type { Shape, TensorData, Tensors } from "../../onnx/index.ts";
import { checkInputs, type Pixels, placePictures } from "./positions.ts";
import type { Checkpoint } from "./read-checkpoint.ts";

/** The label of tokens that nothing is learned from. */
export const IGNORED = -100;

/** What one step learns from. */
export interface LabelledBatch {
  /** Sequences of tokens, padded on the right to the training's length. */
  ids: readonly (readonly number[])[];
  /** As long as `ids`: the token itself where the model is to say it, -100 elsewhere. */
  labels: readonly (readonly number[])[];
  /** Pictures for the image tokens, in order through all sequences. */
  pixels?: Pixels | undefined;
}

/** Labelled tokens of sequences: those behind the first of each. */
export function countLabels(labels: LabelledBatch["labels"]): number {
  return labels.reduce((sum, own) => sum + own.slice(1).filter((label) => label !== IGNORED).length, 0);
}

/**
 * Inputs of the training and evaluation graphs for sequences of `length` tokens. Every labelled token counts 1 / `total`; the
 * batch's own labelled tokens by default. A model with eyes that is shown no picture gets one that stands nowhere.
 */
export function batchInputs(
  { blueprint, dir }: Checkpoint,
  batch: LabelledBatch,
  { length, total }: { length: number; total?: number },
): Tensors {
  const { text, image } = blueprint;
  const { ids, labels, pixels } = batch;
  checkInputs(blueprint, ids, pixels, dir);
  const bad = (rule: string, got: string) => new InputError({ where: dir, rule, got });
  const { vocabulary } = text!.config;
  const [rows, targets]: [number[], number[]] = [[], []];
  ids.forEach((sequence, b) => {
    const wanted = labels[b] ?? [];
    if (sequence.length > length || wanted.length !== sequence.length)
      throw bad(
        `a sequence must have at most ${length} tokens and as many labels`,
        `${sequence.length} and ${wanted.length}`,
      );
    for (let t = 1; t < wanted.length; t++) {
      const label = wanted[t]!;
      if (label === IGNORED) continue;
      if (!Number.isInteger(label) || label < 0 || label >= vocabulary)
        throw bad(`labels must be ${IGNORED} or 0 to ${vocabulary - 1}`, `${label}`);
      rows.push(b * length + t - 1);
      targets.push(label);
    }
  });
  if (rows.length === 0) throw bad("a batch must label a token behind the first of a sequence", "none");
  const padding = image?.token === 0 ? 1 : 0;
  const flat = ids.flatMap((sequence) => [
    ...sequence,
    ...new Array<number>(length - sequence.length).fill(padding),
  ]);
  const integers = (values: number[]): TensorData => ({
    type: "int64",
    data: BigInt64Array.from(values, BigInt),
    dims: [values.length],
  });
  const count = rows.length;
  const weights = new Float32Array(count).fill(1 / (total ?? count));
  return {
    ids: integers(flat),
    rows: integers(rows),
    row_targets: integers(targets),
    row_weights: { type: "float32", data: weights, dims: [count] },
    ...(image && pictureInputs(image, flat, pixels)),
  };
}

function pictureInputs(
  { channels, side, token }: NonNullable<Checkpoint["blueprint"]["image"]>,
  flat: readonly number[],
  pixels: Pixels = { data: new Float32Array(channels * side ** 2), count: 1 },
): Tensors {
  const dims = [pixels.count, channels, side, side];
  return { pixels: { type: "float32", data: pixels.data, dims }, ...placePictures(flat, token) };
}

/** A dropout mask of 0 for what is dropped and 1 / (1 - rate) for what is kept. */
export function drawMask(
  shape: Shape,
  sizes: Record<string, number>,
  rate: number,
  next: () => number,
): TensorData {
  const dims = shape.map((dim) => (typeof dim === "number" ? dim : dim.times * sizes[dim.symbol]!));
  const mask = new Float32Array(dims.reduce((a, b) => a * b, 1));
  for (let i = 0; i < mask.length; i++) mask[i] = next() < rate ? 0 : 1 / (1 - rate);
  return { type: "float32", data: mask, dims };
}
