import { expect, test } from "vitest";
import { openSession, type Tensors } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import type { TokenizerJson } from "./bpe.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch } from "./packer.ts";
import { initialize, recordParameters, viewOf } from "./parameters.ts";
import { fillWeights } from "./start-weights.ts";
import { buildEvaluationStep, declareParameters } from "./training-graph.ts";

const small: ModelConfig = {
  ...{ imageSize: 32, stemWidths: [8, 12], stemBlocks: 0, visionLayers: 1, width: 16, heads: 2 },
  ...{ feedForward: 24, bridgeWidth: 20, decoderLayers: 1, vocabulary: 60, context: 64, ropeBase: 10000 },
};
const deep: ModelConfig = { ...small, stemBlocks: 2, visionLayers: 3, decoderLayers: 2 };
const sizes = { slots: 8, rows: 4 };
const losses = { objective: "answer" as const, sizes, cellClasses: [30, 31], groundWeight: 0.3 };

const layoutOf = (model: ModelConfig) => recordParameters((source) => declareParameters(source, model));
const started = (model: ModelConfig) => {
  const layout = layoutOf(model);
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 3);
  const weights = new Map(
    layout.parameters.map((p) => [p.name, { shape: p.shape, data: viewOf(flat, p).slice() }]),
  );
  return { weights, config: model, tokenizer: {} as TokenizerJson, rationales: false, tools: [] };
};

async function logitsOf(model: ModelConfig, flat: Float32Array): Promise<Float32Array> {
  const rng = createRng("picture");
  const batch = createBatch(model, sizes, { batchSize: 1, backgroundClass: 1 });
  batch.fill([
    {
      pixels: Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256)),
      cells: [0, -1, 0, -1],
      turns: [{ question: [40, 41, 6], response: [50, 2] }],
      conversation: false,
    },
  ]);
  const tensors: Tensors = { ...batch.tensors };
  for (const p of layoutOf(model).parameters)
    tensors[p.name] = { type: "float32", data: viewOf(flat, p), dims: p.shape };
  const session = await openSession(buildEvaluationStep(model, losses).model);
  const inputs = Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!]));
  const { logits } = await session.run(inputs, { outputs: ["logits"] });
  await session.dispose();
  return logits!.data as Float32Array;
}

test("a deeper model begins exactly as good as the one it grew from, and its new layers can learn", async () => {
  const from = started(small);
  const flatOf = (model: ModelConfig) => {
    const layout = layoutOf(model);
    const flat = new Float32Array(layout.size);
    initialize(layout, flat, 9);
    fillWeights(layout, flat, from, { model, start: "small" });
    return flat;
  };
  const [before, after] = [await logitsOf(small, flatOf(small)), await logitsOf(deep, flatOf(deep))];
  expect(Math.max(...before.map((value, i) => Math.abs(value - after[i]!)))).toBeLessThan(1e-6);
  // Were both matrices of a layer zero, neither would ever get a gradient.
  const up = layoutOf(deep).parameters.find(({ name }) => name === "vision.layers.2.feed_forward.up")!;
  expect(viewOf(flatOf(deep), up).some((value) => value !== 0)).toBe(true);
});

test("weights of other sizes, missing ones and a shallower model are refused", () => {
  const fill = (model: ModelConfig, from: ReturnType<typeof started>) => {
    const layout = layoutOf(model);
    fillWeights(layout, new Float32Array(layout.size), from, { model, start: "models/x" });
  };
  expect(() => fill({ ...small, feedForward: 32 }, started(small))).toThrow(/models\/x: .*must have shape/);
  const lacking = started(small);
  lacking.weights.delete("vision.positions");
  expect(() => fill(small, lacking)).toThrow('"vision.positions" must have shape [4,16], got nothing');
  expect(() => fill(small, started(deep))).toThrow("model.stemBlocks must be at least");
});

test("pictures of another size: what a place means stays where it was", () => {
  const from = started({ ...small, tokenPlaces: true });
  const model = { ...small, tokenPlaces: true, imageSize: 64 };
  const layout = layoutOf(model);
  const flat = new Float32Array(layout.size);
  // Two by two cells whose first number is 0 1 / 2 3; the second is 5 everywhere.
  for (const name of ["vision.positions", "decoder.places"]) {
    const { data } = from.weights.get(name)!;
    for (let cell = 0; cell < 4; cell++) data.set([cell, 5], 16 * cell);
  }
  fillWeights(layout, flat, from, { model, start: "small" });
  for (const name of ["vision.positions", "decoder.places"]) {
    const grown = viewOf(flat, layout.parameters.find((p) => p.name === name)!);
    const first = Array.from({ length: 16 }, (_, cell) => grown[16 * cell]!);
    expect(first.slice(0, 8)).toEqual([0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5]);
    expect([first[12], first[15]]).toEqual([2, 3]);
    expect(Array.from({ length: 16 }, (_, cell) => grown[16 * cell + 1]!)).toEqual(new Array(16).fill(5));
  }
});
