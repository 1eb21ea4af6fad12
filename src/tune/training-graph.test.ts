// The whole model on a small scale: its gradient against finite differences, packed against alone, the exported
// model against the training graph.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { openSession, type Session, type Tensors } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { trainBpe } from "./bpe.ts";
import { createDropout } from "./dropout.ts";
import { exportModel, readExportedModel } from "./export.ts";
import type { LoraConfig } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch, type Lesson } from "./packer.ts";
import { initialize, recordParameters, viewOf } from "./parameters.ts";
import {
  buildEvaluationStep,
  buildTrainingStep,
  declareParameters,
  type LossOptions,
} from "./training-graph.ts";

const config: ModelConfig = {
  imageSize: 32,
  stemWidths: [8, 12],
  stemBlocks: 1,
  visionLayers: 1,
  width: 16,
  heads: 2,
  feedForward: 24,
  bridgeWidth: 20,
  tokenPlaces: true,
  thingMarks: true,
  decoderLayers: 2,
  vocabulary: 300,
  context: 64,
  ropeBase: 10000,
};
const sizes = { slots: 14, rows: 6 };
const losses = { objective: "answer" as const, sizes, cellClasses: [30, 31, 32, 33], groundWeight: 0.3 };
const layout = recordParameters((source) => declareParameters(source, config));
const flat = new Float32Array(layout.size);
initialize(layout, flat, 5);
const weightInputs: Tensors = Object.fromEntries(
  layout.parameters.map((p) => [p.name, { type: "float32", data: viewOf(flat, p), dims: p.shape }]),
);

const rng = createRng("lessons");
const lesson = (conversation: boolean): Lesson => ({
  pixels: Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256)),
  cells: [0, -1, 2, -2],
  things: [{ cell: 2, sides: [0.25, 0.5, 0.75, 0.5], ordinal: 2 }],
  turns: [
    { question: [40, 41, 6], response: [50, 2] },
    { question: [42, 6], response: [51, 52, 2] },
  ],
  conversation,
});
const [alone, talking] = [lesson(false), lesson(true)];

function feed(session: Session, tensors: Tensors): Tensors {
  const all = { ...tensors, ...weightInputs };
  return Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));
}

async function logitsOf(
  ...lessons: Lesson[]
): Promise<{ logits: Float32Array; placed: ReturnType<typeof pack>["placed"] }> {
  const { batch, placed } = pack(...lessons);
  const session = await openSession(buildEvaluationStep(config, losses).model);
  const { logits } = await session.run(feed(session, batch.tensors), { outputs: ["logits"] });
  await session.dispose();
  return { logits: logits!.data as Float32Array, placed };
}

function pack(...lessons: Lesson[]) {
  const batch = createBatch(config, sizes, { batchSize: lessons.length, backgroundClass: 3 });
  return { batch, placed: batch.fill(lessons) };
}

const row = (logits: Float32Array, i: number) =>
  logits.slice(i * config.vocabulary, (i + 1) * config.vocabulary);
const difference = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

const lora = { rank: 2, alpha: 4, dropout: 0.25, targets: ["decoder.*"], rsLora: false };
const noTokens = { tokenPlaces: false, thingMarks: false };
const crossAttention = { kind: "cross-attention" as const, every: 1, hidden: 12 };
const byInstruction = { kind: "resampler" as const, queries: 3, layers: 2, instruction: true };
const llamaAdapter = { kind: "llama-adapter" as const, prompts: 3, layers: 2, visualLayers: 1 };
const lavin = { kind: "lavin" as const, shuffle: 1, rank: 3, temperature: 10 };
const counting = { ordinals: { weight: 0.5, numbers: Array.from({ length: 10 }, (_, i) => 60 + i) } };
type Variant = [string, Partial<ModelConfig>, LoraConfig?, Partial<LossOptions>?, RegExp?];
const variants: Variant[] = [
  ["an MLP bridge", {}],
  ["a linear bridge", { bridge: { kind: "linear", shuffle: 1 } }],
  ["a deep MLP with pixel shuffle", { bridge: { kind: "mlp", shuffle: 2, hidden: 12, layers: 3 } }],
  ["a resampler", { bridge: { kind: "resampler", queries: 3, layers: 2 } }],
  ["a resampler that reads the question", { bridge: byInstruction }],
  ["cross-attention", { ...noTokens, bridge: crossAttention }],
  ["gated fusion", { ...noTokens, bridge: { kind: "gated-fusion", layer: 1 } }],
  ["a LLaMA-Adapter", { ...noTokens, bridge: llamaAdapter }],
  ["a LLaMA-Adapter beside LoRA", { ...noTokens, bridge: llamaAdapter }, lora],
  ["LaVIN's adapters", { bridge: lavin }],
  ["adapters with dropout", {}, lora],
  ["counting at every visual token", {}, undefined, counting],
  // What the eye found goes on without a gradient, so the eye's own parameters have another one here.
  ["two looks and a frozen eye", { thingMarks: "looks" }, undefined, counting, /^(decoder\.|embedding)/],
];

test.each(variants)(
  "with %s, the gradient of every parameter equals finite differences",
  async (_, change, adapters, taught, learns = /./) => {
    const varied = { ...config, ...change };
    const all = recordParameters((source) => declareParameters(source, varied, adapters));
    const values = new Float32Array(all.size);
    initialize(all, values, 5);
    // Adapters and gates start at zero, where what they close off has no gradient yet.
    for (const p of all.parameters) if (p.init === 0) viewOf(values, p).fill(0.1);
    const batch = createBatch(varied, sizes, { batchSize: 2, backgroundClass: 3 });
    const single = { ...alone, turns: alone.turns.slice(0, 1) };
    batch.fill(varied.bridge === byInstruction ? [single, single] : [alone, talking]);
    const isTrained = (name: string) => learns.test(name);
    const learning = { lora: adapters, isTrained };
    const { model, trained, masks } = buildTrainingStep(varied, { ...losses, ...taught }, learning);
    const learned = all.parameters.filter(({ name }) => isTrained(name));
    expect(trained.sort()).toEqual(learned.map(({ name }) => name).sort());
    const session = await openSession(model);
    const dropout = createDropout(masks, { batchSize: 2, rate: adapters?.dropout ?? 0 });
    dropout.draw(createRng("drop"));
    const weights: Tensors = Object.fromEntries(
      all.parameters.map((p) => [p.name, { type: "float32", data: viewOf(values, p), dims: p.shape }]),
    );
    const tensors: Tensors = { ...batch.tensors, ...dropout.tensors, ...weights };
    const inputs = Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!]));
    const analytic = await session.run(inputs);
    const lossAt = async () => (await session.run(inputs, { outputs: ["loss"] })).loss!.data[0] as number;
    const picks = createRng("picks");
    for (const parameter of learned) {
      const gradient = analytic[`gradient:${parameter.name}`]!.data as Float32Array;
      const view = viewOf(values, parameter);
      // Along a random direction, so that every entry counts; the step is small beside the weights.
      const direction = view.map(() => picks.normal());
      const eps = 2e-3;
      const kept = view.slice();
      const shift = (by: number) =>
        view.forEach((_, i) => {
          view[i] = kept[i]! + by * direction[i]!;
        });
      shift(eps);
      const above = await lossAt();
      shift(-eps);
      const below = await lossAt();
      view.set(kept);
      const numeric = (above - below) / (2 * eps);
      const dot = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      expect(Math.abs(numeric - dot), `${parameter.name}: ${numeric} and ${dot}`).toBeLessThan(
        0.02 * size + 2e-3,
      );
    }
    await session.dispose();
  },
);

test("counting at visual tokens moves the layers up to the middle one, and only where ordinals are known", async () => {
  const gradientsOf = async (taught: Partial<LossOptions>, ...lessons: Lesson[]) => {
    const { batch } = pack(...lessons);
    const { model } = buildTrainingStep(config, { ...losses, ...taught });
    const session = await openSession(model);
    const outputs = await session.run(feed(session, batch.tensors));
    await session.dispose();
    return (name: string) => outputs[`gradient:${name}`]!.data as Float32Array;
  };
  const [plain, counted] = [await gradientsOf({}, alone), await gradientsOf(counting, alone)];
  const layer = (i: number) => `decoder.layers.${i}.feed_forward.down`;
  expect(difference(plain(layer(0)), counted(layer(0)))).toBeGreaterThan(1e-4);
  expect(difference(plain(layer(1)), counted(layer(1)))).toBeLessThan(1e-6);
  const { ordinal, ...thing } = alone.things![0]!;
  const unknown = await gradientsOf(counting, { ...alone, things: [thing] });
  expect(ordinal).toBe(2);
  expect(difference(plain(layer(0)), unknown(layer(0)))).toBeLessThan(1e-6);
});

test("a packed question gives the logits of the question asked alone", async () => {
  const both = await logitsOf(alone);
  for (const k of [0, 1]) {
    const single = await logitsOf({ ...alone, turns: [alone.turns[k]!] });
    const { row: first, rows } = both.placed[k]!;
    for (let i = 0; i < rows; i++)
      expect(difference(row(both.logits, first + i), row(single.logits, i))).toBeLessThan(1e-4);
  }
});

test("in a conversation the first answer changes what follows", async () => {
  const other = { ...talking, turns: [{ question: [40, 41, 6], response: [60, 2] }, talking.turns[1]!] };
  const [a, b] = [await logitsOf(talking), await logitsOf(other)];
  expect(difference(row(a.logits, 0), row(b.logits, 0))).toBe(0); // before the change: the same
  expect(difference(row(a.logits, 2), row(b.logits, 2))).toBeGreaterThan(1e-4);
});

describe("the exported model", () => {
  let dir: string;
  let sessions: { vision: Session; embed: Session; decoder: Session };
  const tokenizer = trainBpe([" one two three"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
  const weights = new Map(layout.parameters.map((p) => [p.name, viewOf(flat, p).slice()]));
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "sightline-export-"));
    await exportModel(dir, { config, weights, tokenizer });
    const open = (name: string) => openSession(path.join(dir, "onnx", `${name}.onnx`));
    sessions = {
      vision: await open("vision_encoder"),
      embed: await open("embed_tokens"),
      decoder: await open("decoder_model_merged"),
    };
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const cacheNames = ["0.key", "0.value", "1.key", "1.value"];
  /** Logits of all given embeddings behind a cache; `past` maps past_key_values names to tensors. */
  async function decodeStep(embeds: Float32Array, past: Tensors | undefined, pastLength: number) {
    const length = embeds.length / config.width;
    const ids = (n: number, value: (i: number) => number) =>
      BigInt64Array.from({ length: n }, (_, i) => BigInt(value(i)));
    const inputs: Tensors = {
      inputs_embeds: { type: "float32", data: embeds, dims: [1, length, config.width] },
      attention_mask: {
        type: "int64",
        data: ids(pastLength + length, () => 1),
        dims: [1, pastLength + length],
      },
      position_ids: { type: "int64", data: ids(length, (i) => pastLength + i), dims: [1, length] },
      num_logits_to_keep: { type: "int64", data: ids(1, () => 0), dims: [] },
    };
    for (const name of cacheNames) {
      inputs[`past_key_values.${name}`] = past?.[name] ?? {
        type: "float32",
        data: new Float32Array(0),
        dims: [1, 2, 0, 8],
      };
    }
    const out = await sessions.decoder.run(inputs);
    return {
      logits: out.logits!.data as Float32Array,
      past: Object.fromEntries(cacheNames.map((name) => [name, out[`present.${name}`]!])),
    };
  }

  async function embeddings(ids: number[]): Promise<Float32Array> {
    const input_ids = {
      type: "int64" as const,
      data: BigInt64Array.from(ids, BigInt),
      dims: [1, ids.length],
    };
    return (await sessions.embed.run({ input_ids })).inputs_embeds!.data as Float32Array;
  }

  async function promptEmbeddings(): Promise<Float32Array> {
    const { batch } = pack(alone);
    const seen = await sessions.vision.run({ pixel_values: batch.tensors.pixels! });
    const [lead, text] = [await embeddings([1, 5]), await embeddings([40, 41, 6, 50])];
    return Float32Array.from([...lead, ...(seen.image_features!.data as Float32Array), ...text]);
  }

  test("gives the trainer's logits", async () => {
    const trained = await logitsOf(alone);
    const { logits } = await decodeStep(await promptEmbeddings(), undefined, 0);
    expect(difference(row(logits, 8), row(trained.logits, 0))).toBeLessThan(1e-3); // after the question
    expect(difference(row(logits, 9), row(trained.logits, 1))).toBeLessThan(1e-3); // after the first answer token
  });

  test("gives the logits of a training episode for a prompt with several pictures", async () => {
    const shots = [
      { ...talking, turns: [alone.turns[0]!] },
      { ...alone, turns: [alone.turns[1]!] },
    ];
    const episode = { ...sizes, pictures: 2 };
    const batch = createBatch(config, episode, { batchSize: 1, backgroundClass: 3 });
    const placed = batch.fill(shots);
    const session = await openSession(buildEvaluationStep(config, { ...losses, sizes: episode }).model);
    const { logits } = await session.run(feed(session, batch.tensors), { outputs: ["logits"] });
    await session.dispose();
    const seen = await sessions.vision.run({ pixel_values: batch.tensors.pixels! });
    const features = seen.image_features!.data as Float32Array;
    const half = features.length / 2;
    const prompt = Float32Array.from([
      ...(await embeddings([1, 5])),
      ...features.subarray(0, half),
      ...(await embeddings([40, 41, 6, 50, 2, 5])),
      ...features.subarray(half),
      ...(await embeddings([42, 6])),
    ]);
    const served = await decodeStep(prompt, undefined, 0);
    const last = prompt.length / config.width - 1;
    const trained = row(logits!.data as Float32Array, placed[1]!.row);
    expect(difference(row(served.logits, last), trained)).toBeLessThan(1e-3);
  });

  test("decoding token by token with the cache equals one pass", async () => {
    const embeds = await promptEmbeddings();
    const whole = await decodeStep(embeds, undefined, 0);
    let past: Tensors | undefined;
    for (let i = 0; i < embeds.length / config.width; i++) {
      const step = await decodeStep(embeds.slice(i * config.width, (i + 1) * config.width), past, i);
      past = step.past;
      expect(difference(row(step.logits, 0), row(whole.logits, i))).toBeLessThan(1e-4);
    }
  });

  test("can be read back to train on", async () => {
    const back = await readExportedModel(dir);
    for (const { name, shape } of layout.parameters) {
      expect(back.weights.get(name)).toEqual({ shape, data: weights.get(name) });
    }
    expect(back.tokenizer).toEqual(tokenizer);
  });

  test("a folder without the files is refused by name", async () => {
    const empty = path.join(dir, "empty");
    await expect(readExportedModel(empty)).rejects.toThrow(
      `${path.join(empty, "onnx/vision_encoder.onnx")}: an exported model must have this file.`,
    );
  });
});
