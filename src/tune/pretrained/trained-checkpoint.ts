// A checkpoint with what was trained of it: to be run while it is trained, and to be written in the end.
import type { Adapter } from "../adapter-files.ts";
import { isAdapter, type LoraConfig } from "../lora.ts";
import { viewOf } from "../parameters.ts";
import type { TrainedWeights } from "./gradients.ts";
import type { Checkpoint } from "./read-checkpoint.ts";

/** The checkpoint with its trained weights, as views of the training's array, and the adapter beside it. The given one stays. */
export function trainedCheckpoint(
  checkpoint: Checkpoint,
  { layout, weights }: TrainedWeights,
  lora: LoraConfig | undefined,
): { checkpoint: Checkpoint; adapter?: Adapter } {
  const own = new Map(checkpoint.weights);
  const adapters = new Map<string, Float32Array>();
  for (const parameter of layout.parameters) {
    const into = isAdapter(parameter.name) ? adapters : own;
    into.set(parameter.name, viewOf(weights, parameter));
  }
  const trained = { ...checkpoint, weights: own };
  return lora ? { checkpoint: trained, adapter: { lora, weights: adapters } } : { checkpoint: trained };
}
