import { expect, test } from "vitest";
import { openSession, type Tensors } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { createDropout } from "./dropout.ts";
import type { LoraConfig } from "./lora.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch } from "./packer.ts";
import { initialize, recordParameters, viewOf } from "./parameters.ts";
import { type Recipe, recipeSchema } from "./recipe.ts";
import { buildTrainingStep, declareParameters } from "./training-graph.ts";
import { planStages } from "./training-plan.ts";

const config: ModelConfig = {
  ...{ imageSize: 32, stemWidths: [8, 12], stemBlocks: 0, visionLayers: 2, width: 16, heads: 2 },
  ...{ feedForward: 24, bridgeWidth: 20, decoderLayers: 2, vocabulary: 300, context: 64, ropeBase: 10000 },
};
const sizes = { slots: 8, rows: 4 };
const losses = { objective: "answer" as const, sizes, cellClasses: [30, 31], groundWeight: 0.3 };
const lora: LoraConfig = { rank: 2, alpha: 4, dropout: 0.25, targets: ["decoder.*"], rsLora: false };
const variants: [string, Partial<ModelConfig>, LoraConfig?][] = [
  ["an MLP bridge", {}],
  ["cross-attention", { bridge: { kind: "cross-attention", every: 1, hidden: 12 } }],
  ["adapters with dropout", {}, lora],
];

test.each(variants)(
  "with %s, layers that are computed again give the same gradients",
  async (_, change, adapters) => {
    const model = { ...config, ...change };
    const layout = recordParameters((source) => declareParameters(source, model, adapters));
    const flat = new Float32Array(layout.size);
    initialize(layout, flat, 5);
    for (const p of layout.parameters) if (p.init === 0) viewOf(flat, p).fill(0.1);
    const batch = createBatch(model, sizes, { batchSize: 1, backgroundClass: 1 });
    const rng = createRng("picture");
    batch.fill([
      {
        pixels: Uint8Array.from({ length: 3 * 32 * 32 }, () => rng.int(256)),
        cells: [0, -1, 0, -1],
        turns: [{ question: [40, 41, 6], response: [50, 2] }],
        conversation: false,
      },
    ]);
    const run = async (recompute: boolean) => {
      const { model: bytes, masks, graph } = buildTrainingStep(model, losses, { lora: adapters, recompute });
      const dropout = createDropout(masks, { batchSize: 1, rate: adapters?.dropout ?? 0 });
      dropout.draw(createRng("drop"));
      const tensors: Tensors = { ...batch.tensors, ...dropout.tensors };
      for (const p of layout.parameters)
        tensors[p.name] = { type: "float32", data: viewOf(flat, p), dims: p.shape };
      const session = await openSession(bytes);
      const found = await session.run(
        Object.fromEntries(session.inputNames.map((name) => [name, tensors[name]!])),
      );
      await session.dispose();
      return { found, nodes: graph.nodes.length };
    };
    const [kept, again] = [await run(false), await run(true)];
    expect(again.nodes).toBeGreaterThan(kept.nodes);
    expect(Object.keys(again.found)).toEqual(Object.keys(kept.found));
    for (const [name, { data }] of Object.entries(kept.found)) {
      const other = again.found[name]!.data as Float32Array;
      const size = Math.max(...(data as Float32Array).map(Math.abs));
      (data as Float32Array).forEach((value, i) => {
        expect(Math.abs(value - other[i]!), name).toBeLessThanOrEqual(1e-5 * size);
      });
    }
  },
);

test("the plan counts less memory and more work, the deeper the model the more", () => {
  const layerSizes = { width: 256, heads: 8, feedForward: 1024, bridgeWidth: 512 };
  const deep = { ...config, ...layerSizes, visionLayers: 6, decoderLayers: 12 };
  const recipe: Recipe = recipeSchema.parse({
    ...{ name: "plan", seed: 1, workers: 1, model: deep, pack: sizes, checkpointEvery: 1 },
    data: { questions: 2, conversations: 0 },
    evaluation: { every: 1, pictures: 1 },
    stages: [false, true].map((recompute) => ({
      ...{ name: `${recompute}`, objective: "answer", steps: 1, batch: 128, learningRate: 0.1, warmup: 0 },
      recompute,
    })),
  });
  const layout = recordParameters((source) => declareParameters(source, deep));
  const [kept, again] = planStages(recipe, layout);
  expect(again!.bytes).toBeLessThan(0.6 * kept!.bytes);
  expect(again!.flops).toBeGreaterThan(1.05 * kept!.flops);
});
