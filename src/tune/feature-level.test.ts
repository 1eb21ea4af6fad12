// Bridges that reach into the decoder's layers: each starts as the language model that it is added to, each segment of an
// episode sees its own picture only, and one of them can be exported. So can a model whose eye looks twice.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { Graph, openSession, ops, sym, type Tensors, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { trainBpe } from "./bpe.ts";
import type { BridgeConfig } from "./bridges/index.ts";
import { decode, embedTokens, head } from "./decoder.ts";
import { exportModel, readExportedModel } from "./export.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch, type Lesson } from "./packer.ts";
import { initialize, inputParameters, recordParameters, viewOf } from "./parameters.ts";
import { buildEvaluationStep, declareParameters, type PackSizes, sequenceLength } from "./training-graph.ts";

const base: ModelConfig = {
  ...{ imageSize: 32, stemWidths: [8, 12], stemBlocks: 0, visionLayers: 1, width: 16, heads: 2 },
  ...{ feedForward: 24, bridgeWidth: 20, decoderLayers: 2, vocabulary: 300, context: 64, ropeBase: 10000 },
};
const sizes = { slots: 8, rows: 4 };
const losses = { objective: "answer" as const, sizes, cellClasses: [30, 31], groundWeight: 0.3 };
const crossAttention: BridgeConfig = { kind: "cross-attention", every: 2, hidden: 12 };
const llamaAdapter: BridgeConfig = { kind: "llama-adapter", prompts: 3, layers: 1, visualLayers: 1 };
const gatedFusion: BridgeConfig = { kind: "gated-fusion", layer: 0 };
const lavin: BridgeConfig = { kind: "lavin", shuffle: 1, rank: 3, temperature: 10 };

const rng = createRng("pictures");
const picture = () => Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256));
const lesson = (pixels: Uint8Array, turn = { question: [40, 41, 6], response: [50, 2] }): Lesson => ({
  ...{ pixels, cells: [0, -1, 1, -1], turns: [turn], conversation: false },
});

/** A model with these weights; where `open`, what its bridge closes off at the start is let through. */
function modelOf(bridge: BridgeConfig, open = false, change: Partial<ModelConfig> = {}) {
  const config = { ...base, bridge, ...change };
  const layout = recordParameters((source) => declareParameters(source, config));
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 5);
  if (open) for (const p of layout.parameters) if (p.init === 0) viewOf(flat, p).fill(0.3);
  const weights: Tensors = Object.fromEntries(
    layout.parameters.map((p) => [p.name, { type: "float32", data: viewOf(flat, p), dims: p.shape }]),
  );
  return { config, layout, flat, weights };
}

type Model = ReturnType<typeof modelOf>;

async function logitsOf({ config, weights }: Model, lessons: Lesson[], packing: PackSizes = sizes) {
  const batch = createBatch(config, packing, {
    batchSize: lessons.length / (packing.pictures ?? 1),
    backgroundClass: 1,
  });
  const placed = batch.fill(lessons);
  const session = await openSession(buildEvaluationStep(config, { ...losses, sizes: packing }).model);
  const tensors: Tensors = { ...batch.tensors, ...weights };
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!]));
  const { logits } = await session.run(inputs, { outputs: ["logits"] });
  await session.dispose();
  const row = (i: number) =>
    (logits!.data as Float32Array).slice(i * config.vocabulary, (i + 1) * config.vocabulary);
  return { logits: logits!.data as Float32Array, row, batch, placed };
}

const difference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** The decoder by itself on the text of a batch, without any picture. */
async function textLogits({ config, weights }: Model, tensors: Tensors): Promise<Float32Array> {
  const graph = new Graph();
  const p = inputParameters(graph);
  const length = sizes.slots + 2;
  const ids = graph.input("ids", "int64", [sym("batch_size"), length]);
  const positions = graph.input("positions", "int64", [sym("batch_size"), length]);
  const bias = graph.input("bias", "float32", [sym("batch_size"), 1, length, length]);
  const hidden = decode(p, embedTokens(p, ids, config), config, { positions, bias });
  const rows = graph.input("rows", "int64", [sym("batch_size", sizes.rows)]);
  const flat = ops.reshape(hidden, [sym("batch_size", length), config.width]);
  graph.output("logits", head(p, ops.gatherRows(flat, rows), config));
  const session = await openSession(toModelBytes(graph));
  const all: Tensors = { ...tensors, ...weights };
  const { logits } = await session.run(
    Object.fromEntries(session.inputNames.map((name) => [name, all[name]!])),
  );
  await session.dispose();
  return logits!.data as Float32Array;
}

test.each([crossAttention, llamaAdapter])(
  "$kind: no visual tokens; starts as the decoder without pictures; opened, it sees the picture",
  async (bridge) => {
    const model = modelOf(bridge);
    expect(sequenceLength(model.config, sizes)).toBe(2 + sizes.slots);
    const [one, other] = [lesson(picture()), lesson(picture())];
    const seen = await logitsOf(model, [one, other]);
    expect(difference(seen.logits, await textLogits(model, seen.batch.tensors))).toBe(0);
    const opened = modelOf(bridge, true);
    const { row } = await logitsOf(opened, [one, other]);
    expect(difference(row(0), row(sizes.rows))).toBeGreaterThan(1e-3);
  },
);

test("LaVIN's adapters start as the linear bridge does, and change it once opened", async () => {
  const lessons = [lesson(picture())];
  const linear = await logitsOf(modelOf({ kind: "linear", shuffle: 1 }), lessons);
  expect(difference((await logitsOf(modelOf(lavin), lessons)).logits, linear.logits)).toBe(0);
  expect(difference((await logitsOf(modelOf(lavin, true), lessons)).logits, linear.logits)).toBeGreaterThan(
    1e-3,
  );
});

test("gated fusion: the gate starts nearly closed, close to the decoder without pictures; opened, it sees the picture", async () => {
  const model = modelOf(gatedFusion);
  const [one, other] = [lesson(picture()), lesson(picture())];
  const seen = await logitsOf(model, [one, other]);
  const alone = await textLogits(model, seen.batch.tensors);
  const spread = difference(alone, new Float32Array(alone.length));
  expect(difference(seen.logits, alone) / spread).toBeLessThan(0.1);
  expect(difference(seen.logits, alone)).toBeGreaterThan(0);
  const bias = viewOf(model.flat, model.layout.parameters.find(({ name }) => name === "bridge.gate.bias")!);
  bias.fill(8);
  const { row } = await logitsOf(model, [one, other]);
  expect(difference(row(0), row(sizes.rows))).toBeGreaterThan(1e-3);
  expect(() => modelOf({ kind: "gated-fusion", layer: 2 })).toThrow(
    "model.bridge.layer: must be below the 2 layers of the decoder, got 2.",
  );
});

test.each([crossAttention, gatedFusion, llamaAdapter])(
  "$kind: in an episode the text of each picture looks at that picture",
  async (bridge) => {
    const model = modelOf(bridge, true);
    const packing = { ...sizes, pictures: 2 };
    const [first, second, changed] = [picture(), picture(), picture()];
    const ask = async (a: Uint8Array, b: Uint8Array) => {
      const { placed, row } = await logitsOf(model, [lesson(a), lesson(b)], packing);
      return placed.map((turn) => row(turn.row));
    };
    const before = await ask(first, second);
    const after = await ask(first, changed);
    expect(difference(before[0]!, after[0]!)).toBe(0);
    expect(difference(before[1]!, after[1]!)).toBeGreaterThan(1e-3);
  },
);

test("what does not fit is refused: layers that the decoder lacks, marks on tokens that are not there, an export", async () => {
  const declare = (change: Partial<ModelConfig>) =>
    recordParameters((source) => declareParameters(source, { ...base, ...change }));
  expect(() => declare({ bridge: { ...crossAttention, every: 3 } as BridgeConfig })).toThrow(
    "model.bridge.every: must be at most the 2 layers of the decoder, got 3.",
  );
  expect(() => declare({ bridge: { ...llamaAdapter, layers: 4 } as BridgeConfig })).toThrow(
    "model.bridge.layers: must be at most the 2 layers of the decoder, got 4.",
  );
  expect(() => declare({ bridge: crossAttention, tokenPlaces: true })).toThrow(
    'model.tokenPlaces: needs a bridge that puts visual tokens into the sequence, got "cross-attention".',
  );
  const { config } = modelOf(llamaAdapter);
  const tokenizer = trainBpe([" one"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
  await expect(exportModel("unused", { config, weights: new Map(), tokenizer })).rejects.toThrow(
    /^model\.bridge: to be exported, it must put visual tokens into the sequence .*, got "llama-adapter"\.$/,
  );
});

const looks = { tokenPlaces: true, thingMarks: "looks" as const };
test.each([
  ["LaVIN's adapters", modelOf(lavin, true)],
  ["two looks", modelOf({ kind: "mlp", shuffle: 1, hidden: 20, layers: 2 }, false, looks)],
])("a model with %s is exported with them, and gives the trainer's logits", async (_, model) => {
  const dir = await mkdtemp(path.join(tmpdir(), "sightline-export-"));
  const tokenizer = trainBpe([" one two"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
  const weights = new Map(model.layout.parameters.map((p) => [p.name, viewOf(model.flat, p).slice()]));
  await exportModel(dir, { config: model.config, weights, tokenizer });
  const back = await readExportedModel(dir);
  for (const { name, shape } of model.layout.parameters)
    expect(back.weights.get(name)).toEqual({ shape, data: weights.get(name) });
  const trained = await logitsOf(model, [lesson(picture())]);
  const open = (name: string) => openSession(path.join(dir, "onnx", `${name}.onnx`));
  const [vision, embed, decoder] = [
    await open("vision_encoder"),
    await open("embed_tokens"),
    await open("decoder_model_merged"),
  ];
  const ids = (values: number[]) => BigInt64Array.from(values, BigInt);
  const embeddings = async (values: number[]) => {
    const input_ids = { type: "int64" as const, data: ids(values), dims: [1, values.length] };
    return (await embed.run({ input_ids })).inputs_embeds!.data as Float32Array;
  };
  const { image_features } = await vision.run({ pixel_values: trained.batch.tensors.pixels! });
  const prompt = Float32Array.from([
    ...(await embeddings([1, 5])),
    ...(image_features!.data as Float32Array),
    ...(await embeddings([40, 41, 6])),
  ]);
  const length = prompt.length / base.width;
  const inputs: Tensors = {
    inputs_embeds: { type: "float32", data: prompt, dims: [1, length, base.width] },
    attention_mask: { type: "int64", data: ids(new Array(length).fill(1)), dims: [1, length] },
    position_ids: { type: "int64", data: ids([...new Array(length).keys()]), dims: [1, length] },
    num_logits_to_keep: { type: "int64", data: ids([1]), dims: [] },
  };
  for (const name of ["0.key", "0.value", "1.key", "1.value"])
    inputs[`past_key_values.${name}`] = {
      type: "float32",
      data: new Float32Array(0),
      dims: [1, base.heads, 0, base.width / base.heads],
    };
  const { logits } = await decoder.run(inputs, { outputs: ["logits"] });
  expect(difference(logits!.data as Float32Array, trained.row(0))).toBeLessThan(1e-3);
  await Promise.all([vision, embed, decoder].map((session) => session.dispose()));
  await rm(dir, { recursive: true });
});
