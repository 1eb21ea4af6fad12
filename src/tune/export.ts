// Writes a model as a folder in the layout that transformers.js loads (LlavaForConditionalGeneration): three ONNX
// graphs, built by the same functions as the training graph, with the weights as constants. And reads it back, so
// that training can start from a model that was shipped.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { SPECIAL_TOKENS, TOKEN_ID, tokenizerConfig } from "../data/chat-format.ts";
import { InputError } from "../errors/index.ts";
import { Graph, ops, readConstants, sym, toModelBytes, type Value } from "../onnx/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import type { TokenizerJson } from "./bpe.ts";
import { decode, embedTokens, head } from "./decoder.ts";
import {
  bridgeOf,
  gridCells,
  headSize,
  isExportable,
  type ModelConfig,
  modelConfigSchema,
  seesByInstruction,
  tokensAreCells,
} from "./model-config.ts";
import { constantParameters } from "./parameters.ts";
import { THING_CHANNELS, thingHead } from "./thing-head.ts";
import { bridgeInLayers, encodeImage, placeTokens, secondLook } from "./vision-tower.ts";

const graphFiles = ["vision_encoder", "embed_tokens", "decoder_model_merged"] as const;

/** A trained model, ready to be written. */
export interface ExportableModel {
  config: ModelConfig;
  weights: ReadonlyMap<string, Float32Array>;
  tokenizer: TokenizerJson;
  /** The model was taught to write rationales. @default false */
  rationales?: boolean;
  /** Tools that the model was taught to call, by name. @default none */
  tools?: readonly string[];
  /** The tower was taught to name what cells show: the names, and the token that stands for each. */
  grounding?: { names: readonly string[]; tokens: readonly number[] };
}

/** Refuses a model that the LLaVA layout has no place for. `hint` says what there is instead. */
export function checkExportable(config: ModelConfig, hint?: string): void {
  if (isExportable(config)) return;
  throw new InputError({
    where: "model.bridge",
    rule: "to be exported, it must put visual tokens into the sequence without knowing the question (linear, mlp, resampler, lavin): in the LLaVA layout pictures reach the decoder in no other way",
    got: `"${bridgeOf(config).kind}"${seesByInstruction(config) ? " with instruction" : ""}`,
    hint,
  });
}

/** Writes the model to `dir`, file by file, each whole or not at all. */
export async function exportModel(
  dir: string,
  { config, weights, tokenizer, ...taught }: ExportableModel,
): Promise<void> {
  checkExportable(config);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const files: Record<string, string | Uint8Array> = {
    "onnx/vision_encoder.onnx": visionEncoder(config, weights),
    "onnx/embed_tokens.onnx": tokenEmbedder(config, weights),
    "onnx/decoder_model_merged.onnx": mergedDecoder(config, weights),
    "tokenizer.json": JSON.stringify(tokenizer),
    "tokenizer_config.json": json(tokenizerConfig({ contextTokens: config.context })),
    "config.json": json(modelConfigJson(config, taught)),
    "generation_config.json": json({
      eos_token_id: [TOKEN_ID.eos],
      pad_token_id: TOKEN_ID.pad,
      do_sample: false,
      max_new_tokens: taught.rationales ? 96 : 64,
    }),
    "preprocessor_config.json": json(preprocessorConfig(config)),
    "processor_config.json": json({
      processor_class: "LlavaProcessor",
      image_token: "<image>",
      patch_size: 16,
      num_additional_image_tokens: 0,
    }),
  };
  for (const [name, data] of Object.entries(files)) await writeFileAtomic(path.join(dir, name), data);
}

/** An exported model, read back to train on. */
export interface StartedModel {
  weights: Map<string, { shape: number[]; data: Float32Array }>;
  tokenizer: TokenizerJson;
  config: ModelConfig;
  /** It was taught to write rationales. */
  rationales: boolean;
  /** Tools that it was taught. */
  tools: readonly string[];
}

/** Weights, tokenizer, sizes and abilities of an exported model. */
export async function readExportedModel(dir: string): Promise<StartedModel> {
  const read = async (name: string) => {
    const file = path.join(dir, name);
    try {
      return await readFile(file);
    } catch (cause) {
      throw new InputError({ where: file, rule: "an exported model must have this file", cause });
    }
  };
  const weights = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const name of graphFiles) {
    const file = `onnx/${name}.onnx`;
    for (const [key, tensor] of readConstants(await read(file), path.join(dir, file)))
      weights.set(key, tensor);
  }
  const json = async (name: string) => JSON.parse((await read(name)).toString("utf8"));
  const { sightline } = await json("config.json");
  const model = modelConfigSchema.safeParse(sightline?.model);
  if (!model.success) {
    const rule = "sightline.model must hold the sizes of a model that was trained here";
    throw new InputError({ where: path.join(dir, "config.json"), rule });
  }
  return {
    weights,
    tokenizer: await json("tokenizer.json"),
    config: model.data,
    rationales: "rationale" in sightline,
    tools: sightline.tools?.names ?? [],
  };
}

function visionEncoder(config: ModelConfig, weights: ExportableModel["weights"]): Uint8Array {
  const graph = new Graph();
  const side = config.imageSize;
  const pixels = graph.input("pixel_values", "float32", [sym("batch_size"), 3, side, side]);
  const p = constantParameters(graph, weights);
  const seen = encodeImage(p, pixels, config);
  const second = secondLook(p, pixels, config);
  graph.output("image_features", placeTokens(p, seen, config, second));
  if (tokensAreCells(config)) {
    // Readers of the LLaVA layout take image_features by name; what else there is does not disturb them.
    const shape = [sym("batch_size"), gridCells(config), THING_CHANNELS];
    graph.output("things", ops.reshape(thingHead(p, seen), shape));
    if (second) {
      graph.output("shifted_things", ops.reshape(thingHead(p, second), shape));
      graph.output("shifted_cells", second);
    }
    // What cells show is compared with words, without where they are.
    if (config.tokenPlaces || config.thingMarks) graph.output("cells", seen);
  }
  return toModelBytes(graph);
}

function tokenEmbedder(config: ModelConfig, weights: ExportableModel["weights"]): Uint8Array {
  const graph = new Graph();
  const ids = graph.input("input_ids", "int64", [sym("batch_size"), sym("sequence_length")]);
  graph.output("inputs_embeds", embedTokens(constantParameters(graph, weights), ids, config));
  return toModelBytes(graph);
}

/** The decoder with its cache: one graph for the first call (empty past) and for every step after it. */
function mergedDecoder(config: ModelConfig, weights: ExportableModel["weights"]): Uint8Array {
  const graph = new Graph();
  const p = constantParameters(graph, weights);
  const { width, heads } = config;
  const [batch, length, past, total] = [
    sym("batch_size"),
    sym("sequence_length"),
    sym("past_sequence_length"),
    sym("total_sequence_length"),
  ];
  const embeds = graph.input("inputs_embeds", "float32", [batch, length, width]);
  const mask = graph.input("attention_mask", "int64", [batch, total]);
  const positions = graph.input("position_ids", "int64", [batch, length]);
  const keep = graph.input("num_logits_to_keep", "int64", []);
  const cacheShape = [batch, heads, past, headSize(config)];
  const cached = Array.from({ length: config.decoderLayers }, (_, i) => ({
    key: graph.input(`past_key_values.${i}.key`, "float32", cacheShape),
    value: graph.input(`past_key_values.${i}.value`, "float32", cacheShape),
  }));
  const join = (earlier: Value, now: Value) =>
    graph.node("Concat", [earlier, now], [{ shape: [batch, heads, total, headSize(config)] }], {
      attributes: { axis: 2 },
    })[0]!;
  const hidden = decode(p, embeds, config, {
    positions,
    bias: causalBias(embeds, mask),
    bridge: bridgeInLayers(p, config),
    remember: (i, key, value) => {
      const present: [Value, Value] = [join(cached[i]!.key, key), join(cached[i]!.value, value)];
      graph.output(`present.${i}.key`, present[0]);
      graph.output(`present.${i}.value`, present[1]);
      return present;
    },
  });
  graph.output("logits", head(p, lastRows(hidden, keep), config)); // [B, kept, vocabulary]
  return toModelBytes(graph);
}

/** 0 where a token may look (itself and earlier tokens that are not padding), -1e9 elsewhere: [B, 1, T, S]. */
function causalBias(embeds: Value, mask: Value): Value {
  const graph = mask.graph;
  const [batch, total] = mask.shape as [Value["shape"][number], Value["shape"][number]];
  const length = embeds.shape[1]!;
  const one = (op: string, inputs: Value[], type: Value["type"], shape: Value["shape"], attributes = {}) =>
    graph.node(op, inputs, [{ type, shape }], { attributes })[0]!;
  const sizeOf = (x: Value) =>
    one("Gather", [one("Shape", [x], "int64", [x.shape.length]), graph.int(1)], "int64", []);
  const totalSize = sizeOf(mask);
  const start = one("Sub", [totalSize, sizeOf(embeds)], "int64", []);
  const keys = one("Range", [graph.int(0), totalSize, graph.int(1)], "int64", [total]);
  const queries = ops.reshape(one("Range", [start, totalSize, graph.int(1)], "int64", [length]), [length, 1]);
  const causal = one("LessOrEqual", [keys, queries], "bool", [length, total]);
  const real = one("Cast", [ops.reshape(mask, [batch, 1, 1, total])], "bool", [batch, 1, 1, total], {
    to: 9,
  });
  const visible = one("And", [causal, real], "bool", [batch, 1, length, total]);
  return one("Where", [visible, graph.scalar(0), graph.scalar(-1e9)], "float32", [batch, 1, length, total]);
}

/** The last `keep` positions of [B, T, D]; all of them for 0. */
function lastRows(x: Value, keep: Value): Value {
  const graph = x.graph;
  const start = ops.reshape(graph.node("Neg", [keep], [{ type: "int64", shape: [] }])[0]!, [1]);
  const end = graph.constant(BigInt64Array.of(2n ** 62n), [1]);
  const [batch, , width] = x.shape as [Value["shape"][number], unknown, number];
  const shape = [batch, sym("kept_length"), width];
  return graph.node("Slice", [x, start, end, graph.ints(1)], [{ shape }])[0]!;
}

function modelConfigJson(
  config: ModelConfig,
  { rationales, tools = [], grounding }: Pick<ExportableModel, "rationales" | "tools" | "grounding">,
): Record<string, unknown> {
  return {
    architectures: ["LlavaForConditionalGeneration"],
    model_type: "llava",
    image_token_index: TOKEN_ID.image,
    text_config: {
      model_type: "llama",
      hidden_size: config.width,
      head_dim: headSize(config),
      num_hidden_layers: config.decoderLayers,
      num_attention_heads: config.heads,
      num_key_value_heads: config.heads,
      vocab_size: config.vocabulary,
      max_position_embeddings: config.context,
      rope_theta: config.ropeBase,
      bos_token_id: TOKEN_ID.bos,
      eos_token_id: TOKEN_ID.eos,
      pad_token_id: TOKEN_ID.pad,
    },
    vision_config: { image_size: config.imageSize, patch_size: 16, hidden_size: config.width },
    "transformers.js_config": { dtype: "fp32" },
    sightline: {
      plainQuestions: true,
      maxImages: 9,
      ...(rationales && {
        rationale: { open: SPECIAL_TOKENS[TOKEN_ID.think], close: SPECIAL_TOKENS[TOKEN_ID.endThink] },
      }),
      ...(tools.length > 0 && {
        tools: {
          names: tools,
          open: SPECIAL_TOKENS[TOKEN_ID.toolCall],
          close: SPECIAL_TOKENS[TOKEN_ID.endToolCall],
        },
      }),
      ...(grounding && { grounding }),
      model: config,
    },
  };
}

function preprocessorConfig({ imageSize }: ModelConfig): Record<string, unknown> {
  return {
    processor_class: "LlavaProcessor",
    image_processor_type: "CLIPImageProcessor",
    do_convert_rgb: true,
    do_resize: true,
    size: { height: imageSize, width: imageSize },
    resample: 1,
    do_center_crop: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  };
}
