// Training of adapters (LoRA) beside the frozen weights of a checkpoint, step by step on batches that the caller makes. Adapters
// bear the names of transformers' modules, so `writeAdapter` writes what PEFT reads. The optimiser is AdamW on gradients that
// are scaled down to norm 1 where they exceed it.
import { createRng } from "../../util/rng.ts";
import { adamwStep } from "../adamw.ts";
import type { Adapter } from "../adapter-files.ts";
import { isAdapter, type LoraConfig } from "../lora.ts";
import { viewOf } from "../parameters.ts";
import {
  checkLength,
  checkTargets,
  gradientNorm,
  openGradients,
  startWeights,
  trainedLayout,
} from "./gradients.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import type { LabelledBatch } from "./training-batch.ts";

export interface LoraTrainingOptions {
  /** `targets` are names of transformers' linear layers, `*` for any text: `*.q_proj`. */
  lora: LoraConfig;
  /** Tokens of the longest sequence. */
  length: number;
  /** @default 0.0002 */
  learningRate?: number;
  /** @default 0 */
  weightDecay?: number;
  /** Of the adapters' initial values and of dropout. @default 0 */
  seed?: number;
  /** Threads inside one operator. @default 1 */
  threads?: number;
}

export interface LoraTraining {
  /** Numbers that are trained. */
  readonly size: number;
  /** One update; gives the mean cross-entropy of the labelled tokens before it. */
  step(batch: LabelledBatch): Promise<number>;
  /** The adapter as it is now. */
  adapter(): Adapter;
  dispose(): Promise<void>;
}

/** Opens the training of an adapter. Throws InputError for a target that no linear layer of the checkpoint fits. */
export async function openLoraTraining(
  checkpoint: Checkpoint,
  { lora, length, learningRate = 2e-4, weightDecay = 0, seed = 0, threads = 1 }: LoraTrainingOptions,
): Promise<LoraTraining> {
  checkLength(checkpoint, length);
  checkTargets(checkpoint, lora);
  const layout = trainedLayout(checkpoint, lora, isAdapter);
  const { weights } = startWeights(checkpoint, layout, seed);
  const [first, second] = [new Float32Array(layout.size), new Float32Array(layout.size)];
  const gradients = await openGradients(checkpoint, { layout, weights, length, lora, threads });
  const { gradient } = gradients;
  let done = 0;
  return {
    size: layout.parameters.reduce((sum, { size }) => sum + size, 0),
    async step(batch) {
      const rng = createRng("dropout", seed, done);
      const loss = await gradients.run(batch, { next: () => rng.next() });
      const norm = gradientNorm(gradient, checkpoint, `step ${done}`);
      done++;
      const gradientScale = norm > 1 ? 1 / norm : 1;
      adamwStep(
        { weights, first, second, gradient },
        { step: done, learningRate, weightDecay, gradientScale },
      );
      return loss;
    },
    adapter: () => ({
      lora,
      weights: new Map(
        layout.parameters.map((parameter) => [parameter.name, viewOf(weights, parameter).slice()]),
      ),
    }),
    dispose: () => gradients.dispose(),
  };
}
