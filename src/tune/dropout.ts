// Dropout masks as inputs of the training graph, drawn outside of it: a resumed run then drops what the uninterrupted one
// would have dropped.
import type { Shape, Tensors } from "../onnx/index.ts";
import type { Rng } from "../util/rng.ts";

export interface Dropout {
  /** Inputs of the graph by name. */
  tensors: Tensors;
  /** Draws new masks: 0 for what is dropped, 1 / (1 - rate) for what is kept, so that the mean stays. */
  draw(rng: Rng): void;
}

/** Makes masks of these shapes for a batch of so many sequences. */
export function createDropout(
  masks: ReadonlyMap<string, Shape>,
  { batchSize, rate }: { batchSize: number; rate: number },
): Dropout {
  const tensors: Tensors = {};
  for (const [name, shape] of masks) {
    const dims = shape.map((dim) => (typeof dim === "number" ? dim : dim.times * batchSize));
    const size = dims.reduce((a, b) => a * b, 1);
    tensors[name] = { type: "float32", data: new Float32Array(size), dims };
  }
  return {
    tensors,
    draw(rng) {
      for (const { data } of Object.values(tensors)) {
        const mask = data as Float32Array;
        for (let i = 0; i < mask.length; i++) mask[i] = rng.next() < rate ? 0 : 1 / (1 - rate);
      }
    },
  };
}
