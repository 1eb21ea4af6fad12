// What one step of training takes in: tokens and labels, padded to the graph's length, and the pictures that stand in them.
import { InputError } from "../../errors/index.ts";
import type { Shape, TensorData, Tensors } from "../../onnx/index.ts";
import { packSequences } from "./packing.ts";
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
 * batch's own labelled tokens by default. Packed, conversations share sequences. A model with eyes that is shown no picture gets one
 * that stands nowhere.
 */
export function batchInputs(
  { blueprint, dir }: Checkpoint,
  batch: LabelledBatch,
  { length, total, packed = false }: { length: number; total?: number; packed?: boolean | undefined },
): Tensors {
  const { text, image } = blueprint;
  const { ids, labels, pixels } = batch;
  checkInputs(blueprint, ids, pixels, dir);
  const bad = (rule: string, got: string) => new InputError({ where: dir, rule, got });
  const { vocabulary } = text!.config;
  ids.forEach((sequence, b) => {
    const wanted = labels[b]?.length ?? 0;
    if (sequence.length <= length && wanted === sequence.length) return;
    const rule = `a sequence must have at most ${length} tokens and as many labels`;
    throw bad(rule, `${sequence.length} and ${wanted}`);
  });
  const { slots, segments, places } = layOut(ids, { length, packed });
  const flat = new Array<number>(segments.length).fill(image?.token === 0 ? 1 : 0);
  const [rows, targets]: [number[], number[]] = [[], []];
  let at = 0;
  for (const [b, sequence] of ids.entries())
    for (const [t, id] of sequence.entries()) {
      const slot = slots[at++]!;
      flat[slot] = id;
      const label = labels[b]![t]!;
      if (t === 0 || label === IGNORED) continue;
      if (!Number.isInteger(label) || label < 0 || label >= vocabulary)
        throw bad(`labels must be ${IGNORED} or 0 to ${vocabulary - 1}`, `${label}`);
      rows.push(slot - 1);
      targets.push(label);
    }
  if (rows.length === 0) throw bad("a batch must label a token behind the first of a sequence", "none");
  const integers = (values: number[], dims = [values.length]): TensorData => ({
    type: "int64",
    data: BigInt64Array.from(values, BigInt),
    dims,
  });
  const count = rows.length;
  const weights = new Float32Array(count).fill(1 / (total ?? count));
  const sequences = [segments.length / length, length];
  return {
    ids: integers(flat),
    rows: integers(rows),
    row_targets: integers(targets),
    row_weights: { type: "float32", data: weights, dims: [count] },
    ...(packed && { segments: integers(segments, sequences), places: integers(places, sequences) }),
    ...(image && {
      pixels: pixelInput(image, pixels),
      ...placePictures(ids.flat(), image.token, { slots, total: flat.length }),
    }),
  };
}

/**
 * Where the tokens of all conversations, one after another, lie among the slots of the sequences; and of every slot whose it is (0 for
 * padding) and its place in that conversation.
 */
function layOut(
  ids: LabelledBatch["ids"],
  { length, packed }: { length: number; packed: boolean },
): Record<"slots" | "segments" | "places", number[]> {
  const lengths = ids.map((sequence) => sequence.length);
  const bins = packed ? packSequences(lengths, length) : ids.map((_, b) => [b]);
  const zeros = () => new Array<number>(bins.length * length).fill(0);
  const [segments, places] = [zeros(), zeros()];
  const own: number[][] = ids.map(() => []);
  for (const [bin, indices] of bins.entries()) {
    let at = bin * length;
    for (const index of indices)
      for (let t = 0; t < lengths[index]!; t++, at++) {
        own[index]!.push(at);
        segments[at] = index + 1;
        places[at] = t;
      }
  }
  return { slots: own.flat(), segments, places };
}

function pixelInput(
  { channels, side }: NonNullable<Checkpoint["blueprint"]["image"]>,
  { data, count }: Pixels = { data: new Float32Array(channels * side ** 2), count: 1 },
): TensorData {
  return { type: "float32", data, dims: [count, channels, side, side] };
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
