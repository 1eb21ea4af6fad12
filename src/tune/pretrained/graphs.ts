// The graphs that are run of a checkpoint: pictures to rows of embeddings, tokens to logits with a cache, and one training
// step. A token that stands for a picture's vector is embedded as a word first and then replaced by row `seen_index` of what
// the pictures became, where `is_seen` is 1.
import { InternalError } from "../../errors/index.ts";
import {
  type Dim,
  type ElementType,
  Graph,
  gradients,
  type NodeOptions,
  ops,
  type Shape,
  sym,
  toModelBytes,
  type Value,
} from "../../onnx/index.ts";
import { isAdapter, type LoraConfig, withLora } from "../lora.ts";
import { inputParameters, type ParameterSource } from "../parameters.ts";
import type { Blueprint, ImagePart, TextPart } from "./architectures.ts";
import { causalBias } from "./positions.ts";
import { rotaryTables } from "./rotary.ts";
import { type DecodeOptions, decodeText, embeddings, textHead } from "./text-decoder.ts";

/** A serialised graph, and the parameters among its inputs. */
export interface BuiltGraph {
  model: Uint8Array;
  parameters: string[];
}

export interface GraphOptions {
  lora?: LoraConfig | undefined;
}

/** `pixels` [images, channels, side, side] to `seen` [images * tokens, width]. */
export function buildVisionGraph(image: ImagePart, { lora }: GraphOptions = {}): BuiltGraph {
  const graph = new Graph();
  const { source } = withLora(inputParameters(graph), lora);
  graph.output("seen", image.see(source, pixelInput(graph, image)));
  return { model: toModelBytes(graph), parameters: [...source.used.keys()] };
}

/**
 * Tokens behind a cache to logits. Inputs: `ids` [T], `cosines` and `sines` [1, 1, T, d], `bias` [1, 1, T, S], `rows` [R] (the
 * tokens whose logits are wanted), `past.N.key` and `past.N.value` [1, G, P, d] for every layer N; with pictures also `seen`
 * [M, width], `seen_index` [T] and `is_seen` [T, 1]. Outputs: `logits` [R, vocabulary], `present.N.key` and `present.N.value`
 * [1, G, S, d], where S = P + T.
 */
export function buildTextGraph({ text, image }: Blueprint, { lora }: GraphOptions = {}): BuiltGraph {
  const { config, prefix } = textOf(text);
  const graph = new Graph();
  const { source } = withLora(inputParameters(graph), lora);
  const [length, past, total] = [sym("length"), sym("past"), sym("total")];
  const x = embed(
    source,
    { config, prefix },
    [length],
    image && graph.input("seen", "float32", [sym("seen"), image.width]),
  );
  const cache = (layer: number, kind: string, now: Value) => {
    const shape = (dim: Dim) => [1, config.keyValueHeads, dim, config.headSize];
    const earlier = graph.input(`past.${layer}.${kind}`, "float32", shape(past));
    const joined = graph.node("Concat", [earlier, now], [{ shape: shape(total) }], {
      attributes: { axis: 2 },
    })[0]!;
    graph.output(`present.${layer}.${kind}`, joined);
    return joined;
  };
  const hidden = decodeText(source, prefix, x, config, {
    batch: 1,
    length,
    cosines: graph.input("cosines", "float32", [1, 1, length, config.headSize]),
    sines: graph.input("sines", "float32", [1, 1, length, config.headSize]),
    bias: graph.input("bias", "float32", [1, 1, length, total]),
    remember: (layer, key, value) => [cache(layer, "key", key), cache(layer, "value", value)],
  });
  const chosen = ops.gatherRows(hidden, graph.input("rows", "int64", [sym("rows")]));
  graph.output("logits", textHead(source, prefix, chosen, config));
  return { model: toModelBytes(graph), parameters: [...source.used.keys()] };
}

export interface TrainingGraph extends BuiltGraph {
  /** Parameters with an output `gradient:NAME`. */
  trained: string[];
  /** Dropout inputs to be filled before each step. */
  masks: Map<string, Shape>;
  /** What `model` was made of. */
  graph: Graph;
}

export interface TrainingGraphOptions extends GraphOptions {
  /** Tokens of a sequence. */
  length: number;
  /** Which parameters get a gradient. @default adapters where there are any, else everything */
  isTrained?: (name: string) => boolean;
  /** Transformer layers keep only their input and are computed again in the backward pass (arXiv 1604.06174). @default false */
  recompute?: boolean | undefined;
  /** Several conversations share a sequence, and none sees another; see `buildTrainingGraph`. @default false */
  packed?: boolean | undefined;
}

/**
 * One training step on sequences of `length` tokens. Inputs: `ids` [B * length]; `rows` [R], `row_targets` [R] and
 * `row_weights` [R]: which tokens are to say which token next, and how much each counts; with pictures also `pixels`, `seen_index`
 * and `is_seen`; where conversations are packed also `segments` [B, length], which conversation a token belongs to, and `places`
 * [B, length], its place in that conversation. Outputs: `loss`, the weighted sum of cross-entropies, and the gradients.
 */
export function buildTrainingGraph(
  blueprint: Blueprint,
  {
    length,
    lora,
    isTrained = lora ? isAdapter : () => true,
    recompute = false,
    packed,
  }: TrainingGraphOptions,
): TrainingGraph {
  const graph = new Graph();
  const inputs = { ...inputParameters(graph), recomputes: recompute };
  const { source, masks } = withLora(inputs, lora, { training: true });
  const { loss } = buildLoss(source, blueprint, { length, packed });
  graph.output("loss", loss);
  const parameters = [...source.used.keys()];
  const trained = parameters.filter(isTrained);
  gradients(
    loss,
    trained.map((name) => source.used.get(name)!),
  ).forEach((gradient, i) => {
    graph.output(`gradient:${trained[i]}`, gradient);
  });
  return { model: toModelBytes(graph), parameters, trained, masks, graph };
}

/** The forward pass of a training step. Outputs: `loss`, and `tokens` [R], the token that is most likely at each row. */
export function buildEvaluationGraph(
  blueprint: Blueprint,
  { length, lora }: GraphOptions & { length: number },
): BuiltGraph {
  const graph = new Graph();
  const { source } = withLora(inputParameters(graph), lora);
  const { loss, logits } = buildLoss(source, blueprint, { length });
  graph.output("loss", loss);
  const best = graph.node("ArgMax", [logits], [{ type: "int64", shape: logits.shape.slice(0, 1) }], {
    attributes: { axis: 1, keepdims: 0 },
  });
  graph.output("tokens", best[0]!);
  return { model: toModelBytes(graph), parameters: [...source.used.keys()] };
}

/** Sequences and pictures to the logits [R, vocabulary] of `rows`, and the weighted sum of their cross-entropies. */
function buildLoss(
  p: ParameterSource,
  { text, image }: Blueprint,
  { length, packed = false }: { length: number; packed?: boolean | undefined },
): { loss: Value; logits: Value } {
  const { config, prefix } = textOf(text);
  const { graph } = p;
  const seen = image?.see(p, pixelInput(graph, image));
  const x = embed(p, { config, prefix }, [sym("batch_size", length)], seen);
  const hidden = decodeText(p, prefix, x, config, {
    batch: sym("batch_size"),
    length,
    ...(packed ? packedPositions : fixedPositions)(graph, config, length),
  });
  const [rows, targets] = ["rows", "row_targets"].map((name) => graph.input(name, "int64", [sym("rows")]));
  const weights = graph.input("row_weights", "float32", [sym("rows")]);
  const logits = textHead(p, prefix, ops.gatherRows(hidden, rows!), config);
  return { logits, loss: ops.crossEntropy(logits, targets!, weights) };
}

function textOf(text: TextPart | undefined): TextPart {
  if (text) return text;
  throw new InternalError({ where: "tune.pretrained", rule: "the checkpoint must have a decoder" });
}

function pixelInput(graph: Graph, { channels, side }: ImagePart): Value {
  return graph.input("pixels", "float32", [sym("images"), channels, side, side]);
}

/** Rows of embeddings [..., width] of the input `ids`, with rows of `seen` in the places of pictures. */
function embed(p: ParameterSource, { config, prefix }: TextPart, shape: Shape, seen?: Value): Value {
  const { graph } = p;
  const words = ops.gatherRows(embeddings(p, prefix, config), graph.input("ids", "int64", shape));
  if (!seen) return words;
  const pictures = ops.gatherRows(seen, graph.input("seen_index", "int64", shape));
  const isSeen = graph.input("is_seen", "float32", [...shape, 1]);
  return ops.add(ops.mul(words, ops.sub(graph.scalar(1), isSeen)), ops.mul(pictures, isSeen));
}

/** Positions 0 to length - 1, each looking at itself and what is before it. */
function fixedPositions(
  graph: Graph,
  { rope, headSize }: TextPart["config"],
  length: number,
): Pick<DecodeOptions, "cosines" | "sines" | "bias"> {
  const { cosines, sines } = rotaryTables(rope, headSize, { start: 0, length });
  const table = (data: Float32Array) => graph.constant(data, [1, 1, length, headSize]);
  const bias = graph.constant(causalBias({ past: 0, length }), [1, 1, length, length]);
  return { cosines: table(cosines), sines: table(sines), bias };
}

/** Positions that begin anew with every conversation of a sequence, each looking at what is before it in its own. */
function packedPositions(
  graph: Graph,
  { rope, headSize }: TextPart["config"],
  length: number,
): Pick<DecodeOptions, "cosines" | "sines" | "bias"> {
  const batch = sym("batch_size");
  const places = graph.input("places", "int64", [batch, length]);
  const segments = graph.input("segments", "int64", [batch, length]);
  const { cosines, sines } = rotaryTables(rope, headSize, { start: 0, length });
  const table = (data: Float32Array) =>
    ops.reshape(ops.gatherRows(graph.constant(data, [length, headSize]), places), [
      batch,
      1,
      length,
      headSize,
    ]);
  const make = (
    op: string,
    inputs: Value[],
    shape: Shape,
    options: NodeOptions & { type?: ElementType } = {},
  ) => {
    const { type = "float32", ...rest } = options;
    return graph.node(op, inputs, [{ type, shape }], { ...rest, wrt: [] })[0]!;
  };
  const square = [batch, 1, length, length];
  const along = (shape: Shape, ...axes: number[]) =>
    make("Unsqueeze", [segments, graph.ints(...axes)], shape, { type: "int64" });
  const own = make(
    "Equal",
    [along([batch, 1, length, 1], 1, 3), along([batch, 1, 1, length], 1, 2)],
    square,
    {
      type: "bool",
    },
  );
  const number = make("Cast", [own], square, { attributes: { to: 1 } });
  // 0 for the same conversation, and as far below as what comes later for another.
  const others = make("Mul", [make("Sub", [number, graph.scalar(1)], square), graph.scalar(1e9)], square);
  const later = graph.constant(causalBias({ past: 0, length }), [1, 1, length, length]);
  return { cosines: table(cosines), sines: table(sines), bias: make("Add", [others, later], square) };
}
