// A checkpoint that can be run: logits of prompts with pictures, and the continuation that is most likely token by token.
import { InputError } from "../../errors/index.ts";
import { openSession, type Session, type TensorData, type Tensors } from "../../onnx/index.ts";
import { type Adapter, readAdapter } from "../adapter-files.ts";
import { withLora } from "../lora.ts";
import { recordParameters } from "../parameters.ts";
import { type BuiltGraph, buildTextGraph, buildVisionGraph } from "./graphs.ts";
import { causalBias, checkInputs, checkPixels, type Pixels, placePictures } from "./positions.ts";
import { type Checkpoint, declare, readCheckpoint } from "./read-checkpoint.ts";
import { rotaryTables } from "./rotary.ts";

/** Numbers [rows, columns], row by row. */
export interface Matrix {
  data: Float32Array;
  dims: [rows: number, columns: number];
}

export interface GenerateOptions {
  pixels?: Pixels;
  /** The most tokens to add. */
  maxTokens: number;
  /** Tokens that end the answer; the one that does is not part of it. @default none */
  stop?: readonly number[];
}

/** A text that is being written. */
export interface Continuation {
  /** Logits of the next token, [vocabulary]. */
  readonly logits: Float32Array;
  /** Reads a token: `logits` are then those of the token behind it. Wait for it before the next one. */
  step(id: number): Promise<void>;
}

/** A checkpoint ready to run. Dispose it to give its memory back. */
export interface PretrainedModel {
  readonly checkpoint: Checkpoint;
  /** Logits [tokens, vocabulary] behind every token of a prompt. Pictures take the places of the image tokens, in order. */
  logits(ids: readonly number[], pixels?: Pixels): Promise<Matrix>;
  /** What the eye makes of pictures, [pictures * tokens, width]: embeddings, or a tower's hidden states. */
  see(pixels: Pixels): Promise<Matrix>;
  /** Reads a prompt, to go on from it token by token. */
  begin(ids: readonly number[], pixels?: Pixels): Promise<Continuation>;
  /** The most likely token, added again and again. */
  generate(ids: readonly number[], options: GenerateOptions): Promise<number[]>;
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** A folder with an adapter in PEFT's layout, or an adapter in memory. */
  adapter?: string | Adapter;
  /** Threads inside one operator. @default 1 */
  threads?: number;
}

/** Reads a checkpoint folder of Hugging Face and opens it; see `readCheckpoint` for what is refused. */
export async function loadPretrained(dir: string, options: LoadOptions = {}): Promise<PretrainedModel> {
  return openPretrained(await readCheckpoint(dir), options);
}

/** Opens a checkpoint that was read. */
export async function openPretrained(
  checkpoint: Checkpoint,
  { adapter: given, threads = 1 }: LoadOptions = {},
): Promise<PretrainedModel> {
  const { blueprint, dir } = checkpoint;
  const adapter = typeof given === "string" ? await readAdapter(given) : given;
  const weights = weightTensors(checkpoint, adapter);
  const lora = adapter && { ...adapter.lora, dropout: 0 };
  const open = async ({ model, parameters }: BuiltGraph): Promise<[Session, Tensors]> => [
    await openSession(model, { threads, name: dir }),
    Object.fromEntries(parameters.map((name) => [name, weights.get(name)!])),
  ];
  const eye = blueprint.image && (await open(buildVisionGraph(blueprint.image, { lora })));
  const decoder = blueprint.text && (await open(buildTextGraph(blueprint, { lora })));

  const see = async (pixels: Pixels): Promise<Matrix> => {
    checkPixels(blueprint.image, pixels, dir);
    const { channels, side } = blueprint.image!;
    const [session, inputs] = eye!;
    const size = channels * side ** 2;
    const rows: Matrix[] = [];
    // One by one: a picture in parts is many, and together they take more memory and no less time.
    for (let i = 0; i < pixels.count; i++) {
      const data = pixels.data.subarray(i * size, (i + 1) * size);
      const dims = [1, channels, side, side];
      const { seen } = await session.run({ ...inputs, pixels: { type: "float32", data, dims } });
      rows.push(matrix(seen!));
    }
    return stacked(rows);
  };

  /** A prompt, and one call for every further token. */
  const start = async (ids: readonly number[], pixels: Pixels | undefined) => {
    if (!decoder) throw new InputError({ where: dir, rule: "the checkpoint must have a decoder" });
    checkInputs(blueprint, [ids], pixels, dir);
    const { config } = blueprint.text!;
    const [session, inputs] = decoder;
    const cacheNames = Array.from({ length: config.layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
    const noPast = { type: "float32" as const, data: new Float32Array(0) };
    let cache: Tensors = Object.fromEntries(
      cacheNames.map((name) => [name, { ...noPast, dims: [1, config.keyValueHeads, 0, config.headSize] }]),
    );
    let past = 0;
    const image = blueprint.image;
    const seen = pixels
      ? await see(pixels)
      : image && { data: new Float32Array(image.width), dims: [1, image.width] };
    return async (now: readonly number[], rows: readonly number[]): Promise<Matrix> => {
      const length = now.length;
      const { cosines, sines } = rotaryTables(config.rope, config.headSize, { start: past, length });
      const floats = (data: Float32Array, ...dims: number[]) => ({ type: "float32" as const, data, dims });
      const outputs = await session.run({
        ...inputs,
        ids: integers(now),
        rows: integers(rows),
        cosines: floats(cosines, 1, 1, length, config.headSize),
        sines: floats(sines, 1, 1, length, config.headSize),
        bias: floats(causalBias({ past, length }), 1, 1, length, past + length),
        ...(seen && {
          seen: floats(seen.data, ...seen.dims),
          ...placePictures(now, past === 0 ? image!.token! : undefined),
        }),
        ...Object.fromEntries(cacheNames.map((name) => [`past.${name}`, cache[name]!])),
      });
      cache = Object.fromEntries(cacheNames.map((name) => [name, outputs[`present.${name}`]!]));
      past += length;
      return matrix(outputs.logits!);
    };
  };

  return {
    checkpoint,
    see,
    async logits(ids, pixels) {
      const run = await start(ids, pixels);
      return run(ids, [...ids.keys()]);
    },
    async begin(ids, pixels) {
      const run = await start(ids, pixels);
      let { data: logits } = await run(ids, [ids.length - 1]);
      return {
        get logits() {
          return logits;
        },
        async step(id) {
          logits = (await run([id], [0])).data;
        },
      };
    },
    async generate(ids, { pixels, maxTokens, stop = [] }) {
      const run = await start(ids, pixels);
      const { context } = blueprint.text!.config;
      const added: number[] = [];
      let now: readonly number[] = ids;
      while (added.length < maxTokens && ids.length + added.length < context) {
        const best = argMax((await run(now, [now.length - 1])).data);
        if (stop.includes(best)) break;
        added.push(best);
        now = [best];
      }
      return added;
    },
    async dispose() {
      await eye?.[0].dispose();
      await decoder?.[0].dispose();
    },
  };
}

/** The weights of checkpoint and adapter as inputs of graphs. Refuses an adapter that does not fit. */
function weightTensors(checkpoint: Checkpoint, adapter: Adapter | undefined): Map<string, TensorData> {
  const { blueprint, dir } = checkpoint;
  const { parameters } = recordParameters((p) => declare(withLora(p, adapter?.lora).source, blueprint));
  const tensors = new Map<string, TensorData>();
  for (const { name, shape, size } of parameters) {
    const data = checkpoint.weights.get(name) ?? adapter?.weights.get(name);
    if (data?.length !== size) {
      const got = data ? `${data.length} numbers` : "nothing";
      throw new InputError({ where: dir, rule: `the adapter's "${name}" must be [${shape}]`, got });
    }
    tensors.set(name, { type: "float32", data, dims: shape });
  }
  const foreign = [...(adapter?.weights.keys() ?? [])].find((name) => !tensors.has(name));
  if (foreign === undefined) return tensors;
  const rule = "every layer that the adapter adapts must be one of the checkpoint's linear layers";
  throw new InputError({ where: dir, rule, got: `"${foreign}"` });
}

function integers(values: readonly number[]): TensorData {
  return { type: "int64", data: BigInt64Array.from(values, BigInt), dims: [values.length] };
}

function matrix({ data, dims }: TensorData): Matrix {
  return { data: data as Float32Array, dims: [dims[0]!, dims[1]!] };
}

function stacked(matrices: readonly Matrix[]): Matrix {
  if (matrices.length === 1) return matrices[0]!;
  const columns = matrices[0]!.dims[1];
  const data = new Float32Array(matrices.reduce((sum, one) => sum + one.data.length, 0));
  let at = 0;
  for (const one of matrices) {
    data.set(one.data, at);
    at += one.data.length;
  }
  return { data, dims: [data.length / columns, columns] };
}

function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
