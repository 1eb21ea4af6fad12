// The three sessions of a model as three functions: pictures to features, tokens to embeddings, and one pass of the
// decoder over new tokens of some rows with what those rows have read before. Masks and positions are written out in
// full, so rows of different length can share a pass: padding is hidden by the mask and never counted in a position.
import { assert, InputError } from "../../errors/index.ts";
import { openSession, type Session, type TensorData, type Tensors } from "../../onnx/index.ts";
import type { CacheRow, CacheShape, KvCache } from "./cache.ts";
import { emptyCache, joinRows } from "./cache.ts";
import type { ModelFolder } from "./check-folder.ts";

/** What one row brings into a pass of the decoder. */
export interface Row {
  /** The tokens it has read; none at the start of a prompt. */
  past?: CacheRow | undefined;
  /** Embeddings of its new tokens, [tokens, hiddenSize]. */
  embeddings: Float32Array;
}

export interface PassResult {
  /** Per row, the logits of its last `keep` new tokens, in order. */
  logits: Float32Array[][];
  /** Per row, everything it has read now. Rows with fewer new tokens than others are not kept: undefined. */
  rows: (CacheRow | undefined)[];
}

export interface Decoder {
  hiddenSize: number;
  vocabSize: number;
  /** Features per picture and their size: [pictures * features, hiddenSize]. */
  encodePictures(pixels: Float32Array[], size: number): Promise<Float32Array[]>;
  /** Embeddings of tokens, [tokens, hiddenSize]. */
  embed(ids: readonly number[]): Promise<Float32Array>;
  /**
   * Reads new tokens. Rows with fewer new tokens than the longest are padded on the right.
   * @param keep how many of each row's last new tokens to give logits for; at most its number of new tokens. @default 1
   */
  pass(rows: readonly Row[], keep?: number): Promise<PassResult>;
  dispose(): Promise<void>;
}

/** Opens the sessions of a model folder. */
export async function openDecoder(folder: ModelFolder, { threads }: { threads: number }): Promise<Decoder> {
  const { text_config: text } = folder.config;
  const hiddenSize = text.hidden_size;
  const shape: CacheShape = {
    layers: text.num_hidden_layers,
    heads: text.num_key_value_heads ?? text.num_attention_heads,
    headSize: text.head_dim ?? hiddenSize / text.num_attention_heads,
  };
  const opened: Session[] = [];
  const open = async (file: string, inputs: string[], outputs: string[]) => {
    const session = await openSession(file, { threads, optimization: "all" });
    opened.push(session);
    const missing = [
      ...inputs.filter((name) => !session.inputNames.includes(name)),
      ...outputs.filter((name) => !session.outputNames.includes(name)),
    ];
    if (missing.length === 0) return session;
    throw new InputError({
      where: `"${file}"`,
      rule: `must have the inputs and outputs of the LLaVA layout for ${shape.layers} layers`,
      got: `no ${missing.slice(0, 4).join(", ")}`,
    });
  };
  const pairs = Array.from({ length: shape.layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
  const pastNames = pairs.map((name) => `past_key_values.${name}`);
  const presentNames = pairs.map((name) => `present.${name}`);
  const dispose = async () => {
    await Promise.all(opened.map((session) => session.dispose()));
  };
  try {
    const vision = await open(folder.onnx.vision_encoder, ["pixel_values"], ["image_features"]);
    const embedding = await open(folder.onnx.embed_tokens, ["input_ids"], ["inputs_embeds"]);
    const decoder = await open(
      folder.onnx.decoder_model_merged,
      ["inputs_embeds", "attention_mask", ...pastNames],
      ["logits", ...presentNames],
    );
    return {
      hiddenSize,
      vocabSize: text.vocab_size,
      dispose,

      async encodePictures(pixels, size) {
        const dims = [pixels.length, 3, size, size];
        const { image_features } = await vision.run({ pixel_values: float(concat(pixels), dims) });
        const data = floats(image_features, "image_features");
        const each = data.length / pixels.length;
        checkSize(folder.onnx.vision_encoder, image_features!.dims.at(-1), hiddenSize);
        return pixels.map((_, i) => data.slice(i * each, (i + 1) * each));
      },

      async embed(ids) {
        const data = BigInt64Array.from(ids, BigInt);
        const { inputs_embeds } = await embedding.run({
          input_ids: { type: "int64", data, dims: [1, ids.length] },
        });
        checkSize(folder.onnx.embed_tokens, inputs_embeds!.dims.at(-1), hiddenSize);
        return floats(inputs_embeds, "inputs_embeds");
      },

      async pass(rows, keep = 1) {
        const lengths = rows.map((row) => row.embeddings.length / hiddenSize);
        const width = Math.max(...lengths);
        const past = joinRows(
          rows.map((row) => row.past ?? { cache: emptyCache(shape, 1), row: 0, tokens: 0 }),
        );
        // Logits are asked for from the first position that any row wants.
        const wanted = Math.max(...lengths.map((length) => width - length + keep));
        const inputs: Tensors = {
          inputs_embeds: float(padRight(rows, width * hiddenSize), [rows.length, width, hiddenSize]),
          ...maskAndPositions(rows, lengths, width, past.length),
        };
        if (!decoder.inputNames.includes("position_ids")) delete inputs.position_ids;
        if (decoder.inputNames.includes("num_logits_to_keep")) {
          inputs.num_logits_to_keep = { type: "int64", data: BigInt64Array.of(BigInt(wanted)), dims: [] };
        }
        const dims = [rows.length, shape.heads, past.length, shape.headSize];
        pastNames.forEach((name, t) => {
          inputs[name] = float(past.tensors[t]!, dims);
        });
        const outputs = await decoder.run(inputs);
        const given = outputs.logits!.dims[1]!;
        assert(given >= wanted, "local.decode", `decoder must give ${wanted} logits a row`, `${given}`);
        const vocabSize = outputs.logits!.dims[2]!;
        const logits = floats(outputs.logits, "logits");
        const cache: KvCache = {
          shape,
          rows: rows.length,
          length: past.length + width,
          tensors: presentNames.map((name) => floats(outputs[name], name)),
        };
        return {
          logits: lengths.map((length, r) =>
            Array.from({ length: keep }, (_, k) => {
              const at = (r * given + given - width + length - keep + k) * vocabSize;
              return logits.subarray(at, at + vocabSize);
            }),
          ),
          rows: lengths.map((length, row) =>
            length === width ? { cache, row, tokens: (rows[row]!.past?.tokens ?? 0) + width } : undefined,
          ),
        };
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Mask [rows, past + width] of what is a token, and positions [rows, width] counted in tokens from 0. */
function maskAndPositions(
  rows: readonly Row[],
  lengths: number[],
  width: number,
  pastLength: number,
): Tensors {
  const total = pastLength + width;
  const mask = new BigInt64Array(rows.length * total);
  const positions = new BigInt64Array(rows.length * width);
  rows.forEach(({ past }, r) => {
    const before = past?.tokens ?? 0;
    mask.fill(1n, r * total + pastLength - before, r * total + pastLength + lengths[r]!);
    for (let i = 0; i < width; i++) positions[r * width + i] = BigInt(before + Math.min(i, lengths[r]! - 1));
  });
  return {
    attention_mask: { type: "int64", data: mask, dims: [rows.length, total] },
    position_ids: { type: "int64", data: positions, dims: [rows.length, width] },
  };
}

function padRight(rows: readonly Row[], size: number): Float32Array {
  if (rows.length === 1) return rows[0]!.embeddings;
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, r) => {
    data.set(row.embeddings, r * size);
  });
  return data;
}

function concat(arrays: readonly Float32Array[]): Float32Array {
  if (arrays.length === 1) return arrays[0]!;
  const result = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

function float(data: Float32Array, dims: number[]): TensorData {
  return { type: "float32", data, dims };
}

function floats(tensor: TensorData | undefined, name: string): Float32Array {
  assert(tensor?.type === "float32", "local.decode", `${name} must be float32`, tensor?.type ?? "nothing");
  return tensor.data;
}

function checkSize(file: string, got: number | undefined, expected: number): void {
  if (got === expected) return;
  throw new InputError({
    where: `"${file}"`,
    rule: `output must be as wide as config.json's text_config.hidden_size (${expected})`,
    got: `${got}`,
  });
}
