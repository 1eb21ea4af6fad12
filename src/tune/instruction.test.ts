// A resampler that reads the question: what a picture becomes depends on what is asked, and never on the answer.
import { expect, test } from "vitest";
import { Graph, openSession, sym, type TensorData, type Tensors, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import type { Turn } from "./encode-turn.ts";
import { checkExportable } from "./export.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch, type Lesson } from "./packer.ts";
import { initialize, inputParameters, recordParameters, viewOf } from "./parameters.ts";
import { recipeSchema } from "./recipe.ts";
import { buildEvaluationStep, declareParameters, instructionWidth } from "./training-graph.ts";
import { toTokens } from "./vision-tower.ts";

const config: ModelConfig = {
  ...{ imageSize: 32, stemWidths: [8, 12], stemBlocks: 0, visionLayers: 1, width: 16, heads: 2 },
  ...{ feedForward: 24, bridgeWidth: 20, decoderLayers: 1, vocabulary: 60, context: 64, ropeBase: 10000 },
  bridge: { kind: "resampler", queries: 3, layers: 2, instruction: true },
};
const sizes = { slots: 8, rows: 4 };
const layout = recordParameters((source) => declareParameters(source, config));
const flat = new Float32Array(layout.size);
initialize(layout, flat, 5);
const weights: Tensors = Object.fromEntries(
  layout.parameters.map((p) => [p.name, { type: "float32", data: viewOf(flat, p), dims: p.shape }]),
);
const rng = createRng("pixels");
const pixels = Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256));
const lesson = (...turns: Turn[]): Lesson => ({ pixels, cells: [0, -1, 1, -1], turns, conversation: false });

function pack(turn: Turn) {
  const batch = createBatch(config, sizes, { batchSize: 1, backgroundClass: 1 });
  batch.fill([lesson(turn)]);
  return batch.tensors;
}

async function run(model: Uint8Array, tensors: Tensors, output: string): Promise<Float32Array> {
  const session = await openSession(model);
  const all: Tensors = { ...tensors, ...weights };
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));
  const result = await session.run(inputs, { outputs: [output] });
  await session.dispose();
  return result[output]!.data as Float32Array;
}

/** The visual tokens of the picture, with words as the bridge is given them. */
async function tokensOf(words: Float32Array, { instruction_bias: bias }: Tensors): Promise<Float32Array> {
  const graph = new Graph();
  const p = inputParameters(graph);
  const batch = sym("batch_size");
  const cells = graph.input("cells", "float32", [batch, 4, 16]);
  const tokens = toTokens(p, cells, config, {
    words: graph.input("words", "float32", [batch, sizes.slots, 16]),
    bias: graph.input("bias", "float32", [batch, 1, 1, instructionWidth(config, sizes.slots)]),
  });
  graph.output("tokens", tokens);
  const float = (data: Float32Array, ...dims: number[]): TensorData => ({ type: "float32", data, dims });
  const seen = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const inputs = { cells: float(seen, 1, 4, 16), words: float(words, 1, sizes.slots, 16), bias: bias! };
  return run(toModelBytes(graph), inputs, "tokens");
}

const largest = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

test("the words of the question change the tokens of the picture; those of the answer do not", async () => {
  const tensors = pack({ question: [40, 41, 6], response: [50, 2] });
  const noise = createRng("words");
  const words = Float32Array.from({ length: sizes.slots * 16 }, () => noise.normal());
  const changedAt = (slot: number) => words.map((value, i) => (Math.floor(i / 16) === slot ? -value : value));
  const tokens = await tokensOf(words, tensors);
  expect(tokens.length).toBe(3 * 16);
  for (const slot of [0, 1, 2])
    expect(largest(tokens, await tokensOf(changedAt(slot), tensors))).toBeGreaterThan(1e-3);
  for (const slot of [3, 4, 7]) expect(largest(tokens, await tokensOf(changedAt(slot), tensors))).toBe(0);
});

test("no answer is told to the model before it is written", async () => {
  const { model } = buildEvaluationStep(config, {
    ...{ objective: "answer", sizes, cellClasses: [30], groundWeight: 0 },
  });
  const logits = (response: number[]) => run(model, pack({ question: [40, 41, 6], response }), "logits");
  const [a, b] = [await logits([50, 51, 2]), await logits([52, 53, 2])];
  expect(largest(a.slice(0, 60), b.slice(0, 60))).toBe(0);
  expect(largest(a.slice(60, 120), b.slice(60, 120))).toBeGreaterThan(1e-4);
});

test("it takes one question a picture, and is not exported", () => {
  const turn = { question: [40, 6], response: [50, 2] };
  const batch = createBatch(config, sizes, { batchSize: 1, backgroundClass: 1 });
  expect(() => batch.fill([lesson(turn, turn)])).toThrow(
    "a picture must have one question where the bridge reads it, got 2",
  );
  expect(() => checkExportable(config)).toThrow(
    /without knowing the question .+, got "resampler" with instruction/,
  );
  const recipe = {
    ...{ name: "r", seed: 1, workers: 1, model: config, pack: sizes, checkpointEvery: 1 },
    data: { questions: 2, conversations: 0 },
    evaluation: { every: 1, pictures: 1 },
    stages: [{ name: "answer", objective: "answer", steps: 1, batch: 1, learningRate: 1, warmup: 0 }],
  };
  expect(recipeSchema.safeParse(recipe).error!.issues).toEqual([
    expect.objectContaining({ path: ["data", "questions"] }),
  ]);
  expect(recipeSchema.safeParse({ ...recipe, data: { questions: 1, conversations: 0 } }).success).toBe(true);
});
