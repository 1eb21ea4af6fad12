// Training of adapters (LoRA) beside the frozen weights of a checkpoint. Adapters bear the names of transformers' modules, so
// `writeAdapter` writes what PEFT reads. The optimiser is AdamW on gradients that are scaled down to norm 1 where they exceed it.
import { InputError } from "../../errors/index.ts";
import { openSession, type Shape, type TensorData, type Tensors } from "../../onnx/index.ts";
import { createRng } from "../../util/rng.ts";
import { adamwStep } from "../adamw.ts";
import type { Adapter } from "../adapter-files.ts";
import { isAdapter, type LoraConfig, withLora } from "../lora.ts";
import { fitsPattern } from "../name-pattern.ts";
import { initialize, type ParameterLayout, recordParameters, viewOf } from "../parameters.ts";
import { buildTrainingGraph } from "./graphs.ts";
import { checkInputs, type Pixels, placePictures } from "./positions.ts";
import { type Checkpoint, declare } from "./read-checkpoint.ts";

/** The label of tokens that nothing is learned from. */
export const IGNORED = -100;

/** What one step learns from. */
export interface LabelledBatch {
  /** Sequences of tokens, padded on the right to the training's length. */
  ids: readonly (readonly number[])[];
  /** As long as `ids`: the token itself where the model is to say it, -100 elsewhere. */
  labels: readonly (readonly number[])[];
  /** Pictures for the image tokens, in order through all sequences. */
  pixels?: Pixels;
}

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
  const { blueprint, dir } = checkpoint;
  if (!blueprint.text) throw new InputError({ where: dir, rule: "the checkpoint must have a decoder" });
  const { context } = blueprint.text.config;
  if (!Number.isInteger(length) || length < 2 || length > context)
    throw new InputError({ where: dir, rule: `length must be 2 to ${context} tokens`, got: `${length}` });
  checkTargets(checkpoint, lora);
  const layout = adapterLayout(checkpoint, lora);
  const flat = () => new Float32Array(layout.size);
  const [weights, first, second, gradient] = [flat(), flat(), flat(), flat()];
  initialize(layout, weights, seed);
  const { model, parameters, masks } = buildTrainingGraph(blueprint, { length, lora });
  const session = await openSession(model, { threads, name: dir });
  const shapes = new Map(
    [...checkpoint.parameters, ...layout.parameters].map(({ name, shape }) => [name, shape]),
  );
  const views = new Map(layout.parameters.map((parameter) => [parameter.name, viewOf(weights, parameter)]));
  const floats = (data: Float32Array, dims: readonly number[]): TensorData => ({
    type: "float32",
    data,
    dims,
  });
  const inputs: Tensors = Object.fromEntries(
    parameters.map((name) => [
      name,
      floats(views.get(name) ?? checkpoint.weights.get(name)!, shapes.get(name)!),
    ]),
  );
  const loss = floats(new Float32Array(1), []);
  const into: Tensors = { loss };
  for (const parameter of layout.parameters)
    into[`gradient:${parameter.name}`] = floats(viewOf(gradient, parameter), parameter.shape);
  let done = 0;
  return {
    size: layout.parameters.reduce((sum, { size }) => sum + size, 0),
    async step(batch) {
      const rng = createRng("dropout", seed, done);
      const sizes = { batch_size: batch.ids.length, images: batch.pixels?.count ?? 0 };
      const dropped = [...masks].map(([name, shape]) => [
        name,
        drawMask(shape, sizes, lora.dropout, () => rng.next()),
      ]);
      await session.run(
        { ...inputs, ...batchInputs(checkpoint, batch, length), ...Object.fromEntries(dropped) },
        { into },
      );
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      if (!Number.isFinite(norm)) {
        throw new InputError({
          where: dir,
          rule: "gradients must be numbers; nothing was changed",
          got: `step ${done}`,
        });
      }
      done++;
      const gradientScale = norm > 1 ? 1 / norm : 1;
      adamwStep(
        { weights, first, second, gradient },
        { step: done, learningRate, weightDecay, gradientScale },
      );
      return loss.data[0] as number;
    },
    adapter: () => ({ lora, weights: new Map([...views].map(([name, view]) => [name, view.slice()])) }),
    dispose: () => session.dispose(),
  };
}

/** The adapters alone, in an array of their own. */
function adapterLayout({ blueprint }: Checkpoint, lora: LoraConfig): ParameterLayout {
  return recordParameters((p) => {
    const { source } = withLora(p, lora);
    const scratch = new Map<string, ReturnType<typeof p.get>>();
    const get = (spec: Parameters<typeof p.get>[0]) => {
      if (isAdapter(spec.name)) return p.get(spec);
      const value = scratch.get(spec.name) ?? p.graph.input(spec.name, "float32", spec.shape);
      scratch.set(spec.name, value);
      return value;
    };
    declare({ ...source, get }, blueprint);
  });
}

/** Refuses targets that fit no linear layer, and says which there are. */
function checkTargets({ blueprint, dir }: Checkpoint, { targets }: LoraConfig): void {
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

/** The inputs of one step: padded tokens, and which of them say which next. */
function batchInputs(
  { blueprint, dir }: Checkpoint,
  { ids, labels, pixels }: LabelledBatch,
  length: number,
): Tensors {
  const { text, image } = blueprint;
  checkInputs(blueprint, ids, pixels, dir);
  const bad = (rule: string, got: string) => new InputError({ where: dir, rule, got });
  if (image && !pixels) throw bad("every step of a model with eyes must have a picture", "none");
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
  return {
    ids: integers(flat),
    rows: integers(rows),
    row_targets: integers(targets),
    row_weights: { type: "float32", data: new Float32Array(count).fill(1 / count), dims: [count] },
    ...(image &&
      pixels && {
        pixels: {
          type: "float32",
          data: pixels.data,
          dims: [pixels.count, image.channels, image.side, image.side],
        },
        ...placePictures(flat, image.token),
      }),
  };
}

/** A mask of 0 for what is dropped and 1 / (1 - rate) for what is kept. */
function drawMask(shape: Shape, sizes: Record<string, number>, rate: number, next: () => number): TensorData {
  const dims = shape.map((dim) => (typeof dim === "number" ? dim : dim.times * sizes[dim.symbol]!));
  const mask = new Float32Array(dims.reduce((a, b) => a * b, 1));
  for (let i = 0; i < mask.length; i++) mask[i] = next() < rate ? 0 : 1 / (1 - rate);
  return { type: "float32", data: mask, dims };
}
