// A random, untrained model folder in the LLaVA layout, small enough to be written and opened within a test: pictures of
// 28 x 28 pixels give 4 features, the decoder has 2 layers with one shared key and value head, learned positions and an
// explicit mask. It answers nonsense, but the same nonsense in every runtime that reads the layout rightly.
import path from "node:path";
import { CHAT_TEMPLATE, TOKEN_ID, tokenizerConfig } from "../data/chat-format.ts";
import { Graph, ops, sym, toModelBytes, type Value } from "../onnx/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { createRng, type Rng } from "../util/rng.ts";

export interface TinyLlavaOptions {
  /** tokenizer.json with the special tokens of our chat format. */
  tokenizer: { model: { vocab: Record<string, number> } };
  /** @default 128 */
  contextTokens?: number;
  /** @default 1 */
  seed?: number;
}

const layers = 2;
const heads = 2;
const headSize = 16;
const hidden = heads * headSize;
const imageSize = 28;
const patch = 14;

/** Writes the folder. */
export async function writeTinyLlava(
  dir: string,
  { tokenizer, contextTokens = 128, seed = 1 }: TinyLlavaOptions,
): Promise<void> {
  const vocab = Object.keys(tokenizer.model.vocab).length;
  const rng = createRng("tiny-llava", seed);
  const json = (file: string, value: unknown) => writeFileAtomic(path.join(dir, file), JSON.stringify(value));
  const onnx = (file: string, graph: Graph) =>
    writeFileAtomic(path.join(dir, "onnx", `${file}.onnx`), toModelBytes(graph));
  await json("config.json", {
    model_type: "llava",
    architectures: ["LlavaForConditionalGeneration"],
    image_token_index: TOKEN_ID.image,
    text_config: {
      model_type: "llama",
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: 1,
      head_dim: headSize,
      hidden_size: hidden,
      vocab_size: vocab,
      eos_token_id: TOKEN_ID.eos,
      max_position_embeddings: contextTokens,
    },
    "transformers.js_config": { dtype: "fp32" },
    sightline: { plainQuestions: true, maxImages: 4 },
  });
  await json("generation_config.json", {
    eos_token_id: [TOKEN_ID.eos],
    pad_token_id: TOKEN_ID.pad,
    do_sample: false,
    max_new_tokens: 16,
  });
  await json("preprocessor_config.json", {
    processor_class: "LlavaProcessor",
    image_processor_type: "CLIPImageProcessor",
    do_resize: true,
    size: { width: imageSize, height: imageSize },
    do_center_crop: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.4, 0.3],
    image_std: [0.25, 0.3, 0.35],
  });
  await json("processor_config.json", {
    processor_class: "LlavaProcessor",
    image_token: "<image>",
    patch_size: patch,
    num_additional_image_tokens: 0,
  });
  await json("tokenizer.json", tokenizer);
  await json("tokenizer_config.json", {
    ...tokenizerConfig({ contextTokens }),
    chat_template: CHAT_TEMPLATE,
  });
  await onnx("vision_encoder", visionEncoder(rng));
  await onnx("embed_tokens", embedTokens(rng, vocab));
  await onnx("decoder_model_merged", decoder(rng, vocab, contextTokens));
}

function weight(graph: Graph, rng: Rng, rows: number, columns: number, std = 1 / Math.sqrt(rows)): Value {
  const data = Float32Array.from({ length: rows * columns }, () => rng.normal() * std);
  return graph.constant(data, [rows, columns]);
}

/** A product of patches with one matrix. */
function visionEncoder(rng: Rng): Graph {
  const graph = new Graph();
  const batch = sym("batch_size");
  const pixels = graph.input("pixel_values", "float32", [batch, 3, imageSize, imageSize]);
  const side = imageSize / patch;
  const cells = ops.reshape(pixels, [batch, 3, side, patch, side, patch]);
  const flat = ops.reshape(ops.transpose(cells, [0, 2, 4, 1, 3, 5]), [batch, side * side, 3 * patch * patch]);
  graph.output("image_features", ops.linear(flat, weight(graph, rng, 3 * patch * patch, hidden)));
  return graph;
}

function embedTokens(rng: Rng, vocab: number): Graph {
  const graph = new Graph();
  const ids = graph.input("input_ids", "int64", [sym("batch_size"), sym("sequence_length")]);
  graph.output("inputs_embeds", ops.gatherRows(weight(graph, rng, vocab, hidden, 1), ids));
  return graph;
}

function decoder(rng: Rng, vocab: number, contextTokens: number): Graph {
  const graph = new Graph();
  const batch = sym("batch_size");
  const length = sym("sequence_length");
  const past = sym("past_sequence_length");
  const total = sym("total_sequence_length");
  const embeddings = graph.input("inputs_embeds", "float32", [batch, length, hidden]);
  const mask = graph.input("attention_mask", "int64", [batch, total]);
  const positions = graph.input("position_ids", "int64", [batch, length]);
  const keep = graph.input("num_logits_to_keep", "int64", []);
  const one = (
    op: string,
    inputs: Value[],
    shape: Value["shape"],
    options = {},
    type = "float32" as Value["type"],
  ) => graph.node(op, inputs, [{ type, shape }], options)[0]!;

  // Query i sees place j if j holds a token and is not after it. -1e9 instead of -infinity keeps rows that see nothing
  // (padding) finite.
  const count = ops.dimension(embeddings, 1);
  const end = ops.dimension(mask, 1);
  const scalar = (x: Value) => one("Squeeze", [x], [], {}, "int64");
  const first = scalar(one("Sub", [end, count], [1], {}, "int64"));
  const keys = one("Range", [graph.int(0), scalar(end), graph.int(1)], [total], {}, "int64");
  const queries = one("Range", [first, scalar(end), graph.int(1)], [length], {}, "int64");
  const column = one("Unsqueeze", [queries, graph.ints(1)], [length, 1], {}, "int64");
  const causal = one("LessOrEqual", [keys, column], [length, total], {}, "bool");
  const real = one("Cast", [mask], [batch, total], { attributes: { to: 9 } }, "bool");
  const realRow = one("Unsqueeze", [real, graph.ints(1, 2)], [batch, 1, 1, total], {}, "bool");
  const visible = one("And", [realRow, causal], [batch, 1, length, total], {}, "bool");
  const bias = one("Where", [visible, graph.scalar(0), graph.scalar(-1e9)], [batch, 1, length, total]);

  const table = weight(graph, rng, contextTokens, hidden, 1);
  let x = ops.add(embeddings, ops.gatherRows(table, positions));
  for (let layer = 0; layer < layers; layer++) {
    const pastKey = graph.input(`past_key_values.${layer}.key`, "float32", [batch, 1, past, headSize]);
    const pastValue = graph.input(`past_key_values.${layer}.value`, "float32", [batch, 1, past, headSize]);
    const toHeads = (columns: number) => {
      const y = ops.linear(x, weight(graph, rng, hidden, columns));
      const split = one(
        "Reshape",
        [y, graph.ints(0, 0, columns / headSize, headSize)],
        [batch, length, columns / headSize, headSize],
      );
      return ops.transpose(split, [0, 2, 1, 3]);
    };
    const query = toHeads(hidden);
    const append = (old: Value, now: Value) =>
      one("Concat", [old, now], [batch, 1, total, headSize], { attributes: { axis: 2 } });
    const key = append(pastKey, toHeads(headSize));
    const value = append(pastValue, toHeads(headSize));
    graph.output(`present.${layer}.key`, key);
    graph.output(`present.${layer}.value`, value);
    const scores = one("MatMul", [query, ops.transpose(key, [0, 1, 3, 2])], [batch, heads, length, total]);
    const weights = ops.softmax(ops.add(ops.scale(scores, 1 / Math.sqrt(headSize)), bias));
    const mixed = one("MatMul", [weights, value], [batch, heads, length, headSize]);
    const merged = one(
      "Reshape",
      [ops.transpose(mixed, [0, 2, 1, 3]), graph.ints(0, 0, hidden)],
      [batch, length, hidden],
    );
    x = ops.add(x, ops.linear(merged, weight(graph, rng, hidden, hidden)));
    x = ops.add(
      x,
      ops.linear(ops.silu(ops.linear(x, weight(graph, rng, hidden, 64))), weight(graph, rng, 64, hidden)),
    );
  }
  // The last `keep` places; -0 is 0, so 0 keeps all.
  const from = one("Unsqueeze", [one("Neg", [keep], [], {}, "int64"), graph.ints(0)], [1], {}, "int64");
  const kept = sym("kept_length");
  const last = one("Slice", [x, from, graph.ints(2 ** 31), graph.ints(1)], [batch, kept, hidden]);
  graph.output("logits", ops.linear(last, weight(graph, rng, hidden, vocab, 0.5)));
  return graph;
}
