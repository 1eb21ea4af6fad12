// Gradients of chosen parameters of a checkpoint: adapters, the bridge, everything. What is trained lies in one flat array of its
// own, and the checkpoint's weights stay as they were read.

import { InputError } from "../../errors/index.ts";
import { openSession, type Tensors } from "../../onnx/index.ts";
import { isAdapter, type LoraConfig, withLora } from "../lora.ts";
import { fitsPattern } from "../name-pattern.ts";
import { initialize, type ParameterLayout, recordParameters, viewOf } from "../parameters.ts";
import { buildTrainingGraph } from "./graphs.ts";
import { type Checkpoint, declare } from "./read-checkpoint.ts";
import { batchInputs, drawMask, type LabelledBatch } from "./training-batch.ts";

/** What is trained of a checkpoint, in an array of its own. */
export interface TrainedWeights {
  layout: ParameterLayout;
  weights: Float32Array;
}

export interface GradientOptions extends TrainedWeights {
  /** Tokens of a sequence, padded. */
  length: number;
  lora?: LoraConfig | undefined;
  /** Which parameters of the layout get gradients. @default all */
  isTrained?: (name: string) => boolean;
  /** Layers are computed again in the backward pass. @default false */
  recompute?: boolean | undefined;
  /** Conversations of a batch share sequences. @default false */
  packed?: boolean | undefined;
  threads?: number;
  /** Where gradients go, as long as the layout. @default a new array */
  gradient?: Float32Array;
}

export interface RunOptions {
  /** What each labelled token counts one share of. @default the batch's labelled tokens */
  total?: number;
  /** Random numbers of dropout. */
  next(): number;
}

export interface GradientSession {
  /** Gradients as the last run left them, where the layout has the parameters. */
  readonly gradient: Float32Array;
  /** The sum of the labelled tokens' cross-entropies over `total`; its gradients are in `gradient`. */
  run(batch: LabelledBatch, options: RunOptions): Promise<number>;
  dispose(): Promise<void>;
}

/** The parameters of `isTrained`, adapters among them, in the order of the graph. */
export function trainedLayout(
  { blueprint }: Checkpoint,
  lora: LoraConfig | undefined,
  isTrained: (name: string) => boolean,
): ParameterLayout {
  return recordParameters((p) => {
    const { source } = withLora(p, lora);
    const frozen = new Map<string, ReturnType<typeof p.get>>();
    const get = (spec: Parameters<typeof p.get>[0]) => {
      if (isTrained(spec.name)) return p.get(spec);
      const value = frozen.get(spec.name) ?? p.graph.input(spec.name, "float32", spec.shape);
      frozen.set(spec.name, value);
      return value;
    };
    declare({ ...source, get }, blueprint);
  });
}

/** Where training starts: fresh adapters, and the checkpoint's own weights. */
export function startWeights(
  { weights: read }: Checkpoint,
  layout: ParameterLayout,
  seed: number,
): TrainedWeights {
  const weights = new Float32Array(layout.size);
  const adapters = layout.parameters.filter(({ name }) => isAdapter(name));
  initialize({ ...layout, parameters: adapters }, weights, seed);
  for (const parameter of layout.parameters) {
    const own = read.get(parameter.name);
    if (own) viewOf(weights, parameter).set(own);
  }
  return { layout, weights };
}

/** Opens the graph of a training step. */
export async function openGradients(
  checkpoint: Checkpoint,
  options: GradientOptions,
): Promise<GradientSession> {
  const { layout, weights, length, lora, isTrained = () => true, recompute, packed, threads = 1 } = options;
  const { blueprint, dir } = checkpoint;
  const inLayout = new Map(layout.parameters.map((parameter) => [parameter.name, parameter]));
  const { model, trained, masks } = buildTrainingGraph(blueprint, {
    length,
    lora,
    recompute,
    packed,
    isTrained: (name) => inLayout.has(name) && isTrained(name),
  });
  const session = await openSession(model, { threads, name: dir });
  const { gradient = new Float32Array(layout.size) } = options;
  const inputs = weightInputs(checkpoint, { layout, weights });
  const loss = new Float32Array(1);
  const into: Tensors = { loss: { type: "float32", data: loss, dims: [] } };
  for (const name of trained) {
    const parameter = inLayout.get(name)!;
    into[`gradient:${name}`] = { type: "float32", data: viewOf(gradient, parameter), dims: parameter.shape };
  }
  return {
    gradient,
    async run(batch, { total, next }) {
      const given = batchInputs(checkpoint, batch, { length, packed, ...(total !== undefined && { total }) });
      const sizes = { batch_size: given.ids!.dims[0]! / length, images: batch.pixels?.count ?? 1 };
      const dropped = [...masks].map(([name, shape]) => [name, drawMask(shape, sizes, lora!.dropout, next)]);
      await session.run({ ...inputs, ...given, ...Object.fromEntries(dropped) }, { into });
      return loss[0]!;
    },
    dispose: () => session.dispose(),
  };
}

/** All weights as inputs of graphs: what is trained from its own array, the rest from the checkpoint. */
export function weightInputs(checkpoint: Checkpoint, { layout, weights }: TrainedWeights): Tensors {
  const inputs: Tensors = {};
  for (const { name, shape } of checkpoint.parameters)
    inputs[name] = { type: "float32", data: checkpoint.weights.get(name)!, dims: shape };
  for (const parameter of layout.parameters)
    inputs[parameter.name] = { type: "float32", data: viewOf(weights, parameter), dims: parameter.shape };
  return inputs;
}

/** Length of the gradient. Throws for one that is no number; nothing was changed then. `what` says whose it is. */
export function gradientNorm(gradient: Float32Array, { dir }: Checkpoint, what: string): number {
  let squares = 0;
  for (let i = 0; i < gradient.length; i++) squares += gradient[i]! * gradient[i]!;
  if (Number.isFinite(squares)) return Math.sqrt(squares);
  const rule = "gradients must be numbers; nothing was changed";
  throw new InputError({ where: dir, rule, got: what, hint: "Lower the learning rate." });
}

/** Refuses targets that fit no linear layer, and says which there are. */
export function checkTargets({ blueprint, dir }: Checkpoint, { targets }: LoraConfig): void {
  const linear = new Set<string>();
  recordParameters((p) => {
    const adapt = (name: string, _x: unknown, y: ReturnType<typeof p.get>) => {
      linear.add(name);
      return y;
    };
    declare({ ...p, adapt }, blueprint);
  });
  const idle = targets.find((pattern) => ![...linear].some((name) => fitsPattern(name, pattern)));
  if (idle === undefined) return;
  const kinds = [...new Set([...linear].map((name) => `*.${name.split(".").at(-1)}`))];
  const hint = `Its linear layers are ${kinds.join(", ")}.`;
  throw new InputError({
    where: dir,
    rule: "every LoRA target must fit a linear layer",
    got: `"${idle}"`,
    hint,
  });
}

/** Refuses a checkpoint without a decoder, and sequences that it has no positions for. */
export function checkLength({ blueprint, dir }: Checkpoint, length: number): void {
  if (!blueprint.text) throw new InputError({ where: dir, rule: "the checkpoint must have a decoder" });
  const { context } = blueprint.text.config;
  if (Number.isInteger(length) && length >= 2 && length <= context) return;
  throw new InputError({ where: dir, rule: `length must be 2 to ${context} tokens`, got: `${length}` });
}
