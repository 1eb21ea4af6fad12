// Every architecture against what transformers and PyTorch computed from the same checkpoint (scripts/gold/checkpoints.py):
// logits within 1e-4, every gradient within 1e-3 of its norm. The weights are random and large, so that logits are far from
// flat, and nothing in a model can be left out without a difference.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  Graph,
  gradients,
  openSession,
  ops,
  type TensorData,
  type Tensors,
  toModelBytes,
} from "../../onnx/index.ts";
import { type Adapter, readAdapter } from "../adapter-files.ts";
import { inputParameters } from "../parameters.ts";
import { readSafetensors, type StoredTensor } from "../safetensors.ts";
import { buildTrainingGraph } from "./graphs.ts";
import { placePictures } from "./positions.ts";
import { loadPretrained, openPretrained } from "./pretrained-model.ts";
import { type Checkpoint, readCheckpoint } from "./read-checkpoint.ts";

const fixtures = path.join(import.meta.dirname, "../../../test/fixtures/pretrained");

interface Gold {
  dir: string;
  ids: number[][];
  /** Row, position, and the token that is to follow there. */
  targets: [number, number, number][];
  greedy: number[];
  tensors: Map<string, StoredTensor>;
}

/** The gold of a fixture; an adapter's is asked with the prompts of its `base`. */
async function readGold(name: string, base?: Gold): Promise<Gold> {
  const dir = path.join(fixtures, name);
  const { tensors } = await readSafetensors(path.join(dir, "gold.safetensors"));
  const asked = base ?? JSON.parse(await readFile(path.join(dir, "gold.json"), "utf8"));
  return { ...asked, dir, tensors };
}

/** Pictures of the gold: two in the first sequence, one in the second. */
function picturesOf(gold: Gold, row: number) {
  const stored = gold.tensors.get("pixel_values");
  if (!stored) return undefined;
  const one = stored.data.length / 3;
  return row === 0
    ? { data: stored.data.subarray(0, 2 * one), count: 2 }
    : { data: stored.data.subarray(2 * one), count: 1 };
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function norm(a: Float32Array): number {
  return Math.hypot(...a);
}

const tensorOf = ({ data, shape }: StoredTensor): TensorData => ({ type: "float32", data, dims: shape });

const integers = (values: number[]): TensorData => ({
  type: "int64",
  data: BigInt64Array.from(values, BigInt),
  dims: [values.length],
});

function weightsOf(checkpoint: Checkpoint, names: readonly string[], adapter?: Adapter): Tensors {
  const shapes = new Map(checkpoint.parameters.map(({ name, shape }) => [name, shape]));
  const tensor = (name: string): TensorData => {
    const data = checkpoint.weights.get(name) ?? adapter!.weights.get(name)!;
    const { rank } = adapter?.lora ?? { rank: 1 };
    const ofAdapter = name.endsWith("A") ? [data.length / rank, rank] : [rank, data.length / rank];
    return { type: "float32", data, dims: shapes.get(name) ?? ofAdapter };
  };
  return Object.fromEntries(names.map((name) => [name, tensor(name)]));
}

/** Every gradient of the gold is there and near; the exact zeros of key biases are measured against the largest norm. */
function expectGradients(found: Tensors, gold: Gold): void {
  const expected = [...gold.tensors].filter(([name]) => name.startsWith("gradient:"));
  expect(
    Object.keys(found)
      .filter((name) => name.startsWith("gradient:"))
      .sort(),
  ).toEqual(expected.map(([name]) => name).sort());
  const largest = Math.max(...expected.map(([, { data }]) => norm(data)));
  for (const [name, { data, shape }] of expected) {
    const ours = found[name]!;
    expect(ours.dims, name).toEqual(shape);
    const difference = norm(data.map((value, i) => value - (ours.data as Float32Array)[i]!));
    expect(difference / Math.max(norm(data), 1e-4 * largest), name).toBeLessThan(1e-3);
  }
}

/** The loss and the gradients of the gold's targets, of everything or of an adapter. */
async function trainingStep(gold: Gold, adapter?: Adapter, recompute = false): Promise<Tensors> {
  const checkpoint = await readCheckpoint(gold.dir);
  const { blueprint } = checkpoint;
  const length = gold.ids[0]!.length;
  const { model, parameters } = buildTrainingGraph(blueprint, { length, lora: adapter?.lora, recompute });
  const session = await openSession(model);
  const flat = gold.ids.flat();
  const count = gold.targets.length;
  const outputs = await session.run({
    ...weightsOf(checkpoint, parameters, adapter),
    ids: integers(flat),
    rows: integers(gold.targets.map(([row, position]) => row * length + position)),
    row_targets: integers(gold.targets.map(([, , target]) => target)),
    row_weights: { type: "float32", data: new Float32Array(count).fill(1 / count), dims: [count] },
    ...(blueprint.image && {
      pixels: tensorOf(gold.tensors.get("pixel_values")!),
      ...placePictures(flat, blueprint.image.token),
    }),
  });
  await session.dispose();
  return outputs;
}

const languageModels = ["llama", "llama-sharded", "qwen2", "llava", "idefics3", "smolvlm"];

describe.each(languageModels)("%s", (name) => {
  test("logits and greedy continuation are those of transformers", async () => {
    const gold = await readGold(name);
    const model = await loadPretrained(gold.dir);
    const expected = gold.tensors.get("logits")!;
    const [, length, vocabulary] = expected.shape as [number, number, number];
    for (const [row, ids] of gold.ids.entries()) {
      const { data, dims } = await model.logits(ids, picturesOf(gold, row));
      expect(dims).toEqual([length, vocabulary]);
      const wanted = expected.data.subarray(row * length * vocabulary, (row + 1) * length * vocabulary);
      expect(Math.max(...wanted)).toBeGreaterThan(3);
      expect(furthest(data, wanted)).toBeLessThan(1e-4);
    }
    const pixels = picturesOf(gold, 0);
    const options = { maxTokens: gold.greedy.length, ...(pixels && { pixels }) };
    expect(await model.generate(gold.ids[0]!, options)).toEqual(gold.greedy);
    expect(await model.generate(gold.ids[0]!, { ...options, stop: [gold.greedy[2]!] })).toEqual(
      gold.greedy.slice(0, gold.greedy.indexOf(gold.greedy[2]!)),
    );
    await model.dispose();
  });

  test("the loss and the gradient of every parameter are PyTorch's", async () => {
    const gold = await readGold(name);
    const outputs = await trainingStep(gold);
    expect(Math.abs((outputs.loss!.data[0] as number) - gold.tensors.get("loss")!.data[0]!)).toBeLessThan(
      1e-5,
    );
    expectGradients(outputs, gold);
  });
});

describe.each(["clip", "siglip"])("the tower %s", (name) => {
  test("hidden states and the gradient of every parameter are those of transformers and PyTorch", async () => {
    const gold = await readGold(name);
    const model = await loadPretrained(gold.dir);
    const { checkpoint } = model;
    const pixels = gold.tensors.get("pixel_values")!;
    const hidden = gold.tensors.get("hidden")!;
    const { data, dims } = await model.see({ data: pixels.data, count: 2 });
    expect(dims).toEqual([2 * hidden.shape[1]!, hidden.shape[2]]);
    expect(furthest(data, hidden.data)).toBeLessThan(1e-4);
    await model.dispose();

    const graph = new Graph();
    const source = inputParameters(graph);
    const seen = checkpoint.blueprint.image!.see(source, graph.input("pixels", "float32", [2, 3, 16, 16]));
    const loss = ops.sumAll(ops.mul(seen, graph.input("weighting", "float32", seen.shape)));
    const names = [...source.used.keys()];
    gradients(loss, [...source.used.values()]).forEach((gradient, i) => {
      graph.output(`gradient:${names[i]}`, gradient);
    });
    const session = await openSession(toModelBytes(graph));
    const outputs = await session.run({
      ...weightsOf(checkpoint, names),
      pixels: tensorOf(pixels),
      weighting: { type: "float32", data: gold.tensors.get("weighting")!.data, dims: seen.shape as number[] },
    });
    await session.dispose();
    expectGradients(outputs, gold);
  });
});

describe("an adapter of PEFT", () => {
  test("gives PEFT's logits", async () => {
    const gold = await readGold("llama");
    const adapter = await readGold("llama/adapter", gold);
    const adapted = await loadPretrained(gold.dir, { adapter: adapter.dir });
    const { data } = await adapted.logits(gold.ids[0]!);
    expect(furthest(data, adapter.tensors.get("logits")!.data.subarray(0, data.length))).toBeLessThan(1e-4);
    await adapted.dispose();
  });

  test("gets PEFT's gradients, and nothing else does", async () => {
    const gold = await readGold("llama");
    const adapter = await readGold("llama/adapter", gold);
    const { lora, weights } = await readAdapter(adapter.dir);
    const outputs = await trainingStep(gold, { lora, weights });
    // PEFT stores the transposes of our matrices.
    const found: Tensors = {};
    for (const [name, { data, dims }] of Object.entries(outputs)) {
      if (!name.startsWith("gradient:")) continue;
      const [rows, columns] = dims as [number, number];
      const turned = (data as Float32Array).map(
        (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number,
      );
      const renamed = name.replace("gradient:", "gradient:base_model.model.");
      found[`${renamed}.weight`] = { type: "float32", data: turned, dims: [columns, rows] };
    }
    expectGradients(found, adapter);
  });
});

test.each(["llava", "smolvlm"])(
  "%s: layers that are computed again give the same gradients",
  async (name) => {
    expectGradients(await trainingStep(await readGold(name), undefined, true), await readGold(name));
  },
);

test("a step gives gradients of those parameters only that are to learn", async () => {
  const { blueprint } = await readCheckpoint(path.join(fixtures, "smolvlm"));
  const isTrained = (name: string) => name.includes("connector") || name.endsWith("text_model.norm.weight");
  const { model, trained } = buildTrainingGraph(blueprint, { length: 8, isTrained });
  expect(trained).toEqual([
    "model.connector.modality_projection.proj.weight",
    "model.text_model.norm.weight",
  ]);
  const session = await openSession(model);
  expect(session.outputNames).toEqual(["loss", ...trained.map((name) => `gradient:${name}`)]);
  await session.dispose();
});

describe("what the tolerance would notice", () => {
  const changes: [
    string,
    string,
    (fields: { epsilon: number; rope: { rope_theta: number; rope_type: string } }) => void,
  ][] = [
    [
      "another epsilon",
      "llama",
      (config) => {
        config.epsilon *= 30;
      },
    ],
    [
      "positions that are not stretched",
      "llama",
      (config) => {
        config.rope.rope_type = "default";
      },
    ],
    [
      "positions of another base",
      "qwen2",
      (config) => {
        config.rope.rope_theta *= 1.1;
      },
    ],
  ];
  test.each(changes)("%s", async (_, name, change) => {
    const gold = await readGold(name);
    const checkpoint = await readCheckpoint(gold.dir);
    change(checkpoint.blueprint.text!.config);
    const model = await openPretrained(checkpoint);
    const { data } = await model.logits(gold.ids[0]!);
    expect(furthest(data, gold.tensors.get("logits")!.data.subarray(0, data.length))).toBeGreaterThan(1e-3);
    await model.dispose();
  });
});
