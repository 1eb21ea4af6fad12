// The graph of one training step: losses and the gradients of all parameters that they depend on.
//
// A sequence is one picture with several questions packed behind it: [bos, user, picture tokens, text slots], or several
// such segments in a row (an in-context episode). With a feature-level bridge there are no picture tokens. Which
// token may look at which comes in as `bias`, so a packed question sees the picture and itself only, exactly as when
// it is asked alone. Loss is taken on chosen rows (response tokens), gathered before the output head.

import { InputError } from "../errors/index.ts";
import { Graph, gradients, ops, type Shape, sym, toModelBytes, type Value } from "../onnx/index.ts";
import type { Instruction } from "./bridges/index.ts";
import { decode, embeddingMatrix, embedTokens, head } from "./decoder.ts";
import { type LoraConfig, withLora } from "./lora.ts";
import {
  bridgeOf,
  gridCells,
  hasVisualTokens,
  type ModelConfig,
  seesByInstruction,
  tokensAreCells,
  visualTokens,
} from "./model-config.ts";
import { countThings, ordinalLayer } from "./ordinal-loss.ts";
import { inputParameters, type ParameterSource } from "./parameters.ts";
import { locateThings } from "./thing-head.ts";
import { bridgeInLayers, placeTokens, secondLook, toTokens, visionTower } from "./vision-tower.ts";

/** Tokens before the picture: bos and the user's role. */
export const LEAD_TOKENS = 2;

/** Fixed sizes of a packed batch. */
export interface PackSizes {
  /** Text tokens behind each picture. */
  slots: number;
  /** Supervised tokens per sequence, at most. */
  rows: number;
  /** Pictures per sequence, each with its own lead and text. @default 1 */
  pictures?: number;
}

/** What a stage learns: `ground` names what each cell shows; `answer` also answers questions. */
export type Objective = "ground" | "answer";

export interface LossOptions {
  objective: Objective;
  sizes: PackSizes;
  /** Token ids that name what a cell can show; cell targets count into this list. */
  cellClasses: readonly number[];
  /** Weight of the grounding loss beside the answer loss. */
  groundWeight: number;
  /** Weight of counting at every visual token, and the token ids of "0" to "9" for it. @default none */
  ordinals?: { weight: number; numbers: readonly number[] } | undefined;
}

/** Length of one packed sequence. */
export function sequenceLength(config: ModelConfig, { slots, pictures = 1 }: PackSizes): number {
  return pictures * (LEAD_TOKENS + visualTokens(config) + slots);
}

/** What of a model learns in a step. */
export interface Learning {
  /** True for parameters that are trained; the rest is frozen and gets no gradient. @default all */
  isTrained?: (name: string) => boolean;
  /** Adapters beside frozen layers. */
  lora?: LoraConfig | undefined;
  /** Transformer layers are computed again in the backward pass: less memory, more time. @default false */
  recompute?: boolean | undefined;
}

/**
 * Builds the training step. Outputs: `loss`, `ground_loss`, `answer_loss` (each where there is one) and, per trained
 * parameter, `gradient:NAME`. `trained` lists the names; `masks` the dropout inputs to be filled before each step.
 */
export function buildTrainingStep(
  config: ModelConfig,
  options: LossOptions,
  { isTrained = () => true, lora, recompute = false }: Learning = {},
): {
  model: Uint8Array;
  trained: string[];
  masks: Map<string, Shape>;
  graph: Graph;
} {
  const graph = new Graph();
  const inputs = { ...inputParameters(graph), recomputes: recompute };
  const { source, masks } = withLora(inputs, lora, { training: true });
  const losses = buildLosses(source, config, options);
  const { ground, answer } = losses;
  const total = addLosses(losses, options);
  graph.output("loss", total);
  if (ground) graph.output("ground_loss", ground.loss);
  if (answer) graph.output("answer_loss", answer.loss);
  const trained = [...source.used.keys()].filter(isTrained);
  gradients(
    total,
    trained.map((name) => source.used.get(name)!),
  ).forEach((gradient, i) => {
    graph.output(`gradient:${trained[i]}`, gradient);
  });
  return { model: toModelBytes(graph), trained, masks, graph };
}

function addLosses({ ground, answer, ordinal }: Losses, { groundWeight, ordinals }: LossOptions): Value {
  if (!answer) return ground!.loss;
  const grounded = ground ? ops.add(answer.loss, ops.scale(ground.loss, groundWeight)) : answer.loss;
  return ordinal ? ops.add(grounded, ops.scale(ordinal.loss, ordinals!.weight)) : grounded;
}

/** Builds the evaluation step: most likely class per cell (`cells`) and token per row (`tokens`), int64; and `logits`. */
export function buildEvaluationStep(
  config: ModelConfig,
  options: LossOptions,
  { lora }: Pick<Learning, "lora"> = {},
): { model: Uint8Array } {
  const graph = new Graph();
  const { source } = withLora(inputParameters(graph), lora);
  const { ground, answer, ordinal } = buildLosses(source, config, options);
  const best = (logits: Value) =>
    graph.node("ArgMax", [logits], [{ type: "int64", shape: logits.shape.slice(0, 1) }], {
      attributes: { axis: 1, keepdims: 0 },
    })[0]!;
  if (ground) {
    graph.output("cells", best(ground.logits));
    graph.output("middles", best(ground.middles));
  }
  if (answer) {
    graph.output("tokens", best(answer.logits));
    graph.output("logits", answer.logits);
  }
  if (ordinal) graph.output("ordinals", best(ordinal.logits));
  return { model: toModelBytes(graph) };
}

/** Every parameter of the model, in the order of the layout. */
export function declareParameters(source: ParameterSource, config: ModelConfig, lora?: LoraConfig): void {
  const sizes = { slots: 1, rows: 1 };
  const { source: adapted } = withLora(source, lora);
  buildLosses(adapted, config, { objective: "answer", sizes, cellClasses: [0], groundWeight: 1 });
}

interface Loss {
  loss: Value;
  logits: Value;
}

/** Loss of naming cells and finding things in them; logits of the names, and of being a thing's middle. */
interface GroundLoss extends Loss {
  middles: Value;
}

interface Losses {
  ground?: GroundLoss;
  answer?: Loss;
  /** Of counting at every visual token. */
  ordinal?: Loss;
}

/** The loss of naming cells, where every visual token stands for one; and of answers, where the objective has them. */
function buildLosses(
  p: ParameterSource,
  config: ModelConfig,
  { objective, sizes, cellClasses, groundWeight, ordinals }: LossOptions,
): Losses {
  const { graph } = p;
  const { imageSize, width } = config;
  const { slots, rows, pictures = 1 } = sizes;
  const pixels = graph.input("pixels", "float32", [sym("batch_size", pictures), 3, imageSize, imageSize]);
  const cells = visionTower(p, pixels, config);
  const readText = () => {
    const ids = graph.input("ids", "int64", [sym("batch_size", pictures), LEAD_TOKENS + slots]);
    return embedTokens(p, ids, config);
  };
  const early = seesByInstruction(config) ? readText() : undefined;
  const instruction = early && readInstruction(early, config, { slots, pictures });
  const seen = hasVisualTokens(config) ? toTokens(p, cells, config, instruction) : undefined; // [B, tokens, D]
  const grounds = seen && tokensAreCells(config) && (objective === "ground" || groundWeight > 0);
  const grounding = grounds ? { ground: ground(p, seen, config, { cellClasses, pictures }) } : {};
  if (objective === "ground") {
    if (grounding.ground) return grounding;
    throw new InputError({
      where: "model.bridge",
      rule: 'a stage with objective "ground" needs one token a cell (linear, mlp or lavin, shuffle 1)',
      got: `"${bridgeOf(config).kind}"`,
      hint: "Train the tower with such a bridge first, and start from it with another bridge.",
    });
  }
  const length = sequenceLength(config, sizes);
  const positions = graph.input("positions", "int64", [sym("batch_size"), length]);
  const bias = graph.input("bias", "float32", [sym("batch_size"), 1, length, length]);
  const words = early ?? readText();
  const placed = seen && placeTokens(p, seen, config, secondLook(p, pixels, config));
  const segments = placed ? insertTokens(words, placed) : words; // [B*pictures, length/pictures, D]
  const sequence = pictures === 1 ? segments : ops.reshape(segments, [sym("batch_size"), length, width]);
  const bridge = bridgeInLayers(p, config, cells);
  let middle: Value | undefined;
  const watch = (layer: number, value: Value) => {
    if (layer === ordinalLayer(config)) middle = value;
  };
  const hidden = decode(p, sequence, config, { positions, bias, bridge, watch });
  const rowIndex = graph.input("rows", "int64", [sym("batch_size", rows)]);
  const chosen = ops.gatherRows(ops.reshape(hidden, [sym("batch_size", length), width]), rowIndex);
  const logits = head(p, chosen, config);
  const targets = graph.input("row_targets", "int64", [sym("batch_size", rows)]);
  const weights = graph.input("row_weights", "float32", [sym("batch_size", rows)]);
  const answer = { logits, loss: ops.crossEntropy(logits, targets, weights) };
  // In an episode a thing's ordinal would go on from picture to picture; there it is not taught.
  if (!ordinals || pictures > 1 || !seen || !tokensAreCells(config)) return { ...grounding, answer };
  const [, tokens] = ops.split(middle!, 1, [LEAD_TOKENS, gridCells(config), slots]);
  const count = sym("batch_size", gridCells(config));
  const ordinal = countThings(p, tokens!, config, { numbers: ordinals.numbers, count });
  return { ...grounding, answer, ordinal };
}

/** The words behind each picture, and which of them the bridge may read: those of the question. */
function readInstruction(
  words: Value,
  config: ModelConfig,
  { slots, pictures }: { slots: number; pictures: number },
): Instruction {
  const { graph } = words;
  const width = instructionWidth(config, slots);
  return {
    words: ops.split(words, 1, [LEAD_TOKENS, slots])[1]!,
    bias: graph.input("instruction_bias", "float32", [sym("batch_size", pictures), 1, 1, width]),
  };
}

/** What queries that read the question look at: words, cells and each other. */
export function instructionWidth(config: ModelConfig, slots: number): number {
  return slots + gridCells(config) + visualTokens(config);
}

/** Words [B, lead + slots, D] with visual tokens [B, tokens, D] behind the lead. */
function insertTokens(words: Value, seen: Value): Value {
  const slots = (words.shape[1] as number) - LEAD_TOKENS;
  const [lead, text] = ops.split(words, 1, [LEAD_TOKENS, slots]);
  return ops.concat([lead!, seen, text!], 1);
}

/** What the cells show, and where the things are. */
function ground(
  p: ParameterSource,
  seen: Value,
  config: ModelConfig,
  { cellClasses, pictures }: { cellClasses: readonly number[]; pictures: number },
): GroundLoss {
  const names = nameCells(p, seen, config, { cellClasses, pictures });
  const things = locateThings(p, seen, config, { pictures });
  return { logits: names.logits, middles: things.logits, loss: ops.add(names.loss, things.loss) };
}

/** Visual tokens are compared with the embeddings of the words for what a cell can show. */
function nameCells(
  p: ParameterSource,
  seen: Value,
  config: ModelConfig,
  { cellClasses, pictures }: { cellClasses: readonly number[]; pictures: number },
): Loss {
  const { graph } = p;
  const count = sym("batch_size", pictures * gridCells(config));
  const classes = graph.constant(BigInt64Array.from(cellClasses, BigInt), [cellClasses.length]);
  const classMatrix = ops.gatherRows(embeddingMatrix(p, config), classes); // [C, D]
  const logits = ops.gemm(ops.flattenRows(seen), classMatrix, { transB: true }); // [B*cells, C]
  const targets = graph.input("cell_targets", "int64", [count]);
  const weights = graph.input("cell_weights", "float32", [count]);
  return { logits, loss: ops.crossEntropy(logits, targets, weights) };
}
