// How close a training step comes to plain matrix products, in the same run on one thread.
//   npm run bench:train-step
// Both are timed by process CPU time and interleaved, so a busy machine slows both. FLOPs are those of the step's
// matrix products; the plain product is a square-ish MatMul of the step's own typical shape.

import { Graph, matrixFlops, openSession, ops, type Tensors, toModelBytes } from "../src/onnx/index.ts";
import type { ModelConfig } from "../src/tune/model-config.ts";
import { visualTokens } from "../src/tune/model-config.ts";
import { createBatch } from "../src/tune/packer.ts";
import { initialize, recordParameters, viewOf } from "../src/tune/parameters.ts";
import { buildTrainingStep, declareParameters } from "../src/tune/training-graph.ts";
import { createRng } from "../src/util/rng.ts";

const ROUNDS = 7;

interface Case {
  name: string;
  config: ModelConfig;
  batchSize: number;
}

const base = {
  imageSize: 112,
  stemWidths: [64, 128] as [number, number],
  stemBlocks: 0,
  vocabulary: 2048,
  context: 2048,
  ropeBase: 10000,
};
const cases: Case[] = [
  {
    name: "width 192",
    batchSize: 8,
    config: {
      ...base,
      width: 192,
      heads: 6,
      feedForward: 768,
      bridgeWidth: 384,
      visionLayers: 3,
      decoderLayers: 4,
    },
  },
  {
    name: "about 30M parameters",
    batchSize: 8,
    config: {
      ...base,
      width: 512,
      heads: 4,
      feedForward: 2048,
      bridgeWidth: 1024,
      visionLayers: 3,
      decoderLayers: 6,
    },
  },
];

for (const { name, config, batchSize } of cases) {
  const sizes = { slots: 93, rows: 44 };
  const layout = recordParameters((source) => declareParameters(source, config));
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 1);
  const { model, graph } = buildTrainingStep(config, {
    objective: "answer",
    sizes,
    cellClasses: Array.from({ length: 200 }, (_, i) => 300 + i),
    groundWeight: 0.3,
  });
  const session = await openSession(model);
  const inputs: Tensors = { ...lessons(config, sizes, batchSize) };
  for (const p of layout.parameters)
    inputs[p.name] = { type: "float32", data: viewOf(flat, p), dims: p.shape };
  const into: Tensors = Object.fromEntries(
    layout.parameters.map((p) => [
      `gradient:${p.name}`,
      { type: "float32", data: new Float32Array(p.size), dims: p.shape },
    ]),
  );
  const flops = matrixFlops(graph, { batch_size: batchSize });
  const plain = await plainMatMul(144 * batchSize, config.width, 4 * config.width, flops);
  await session.run(inputs, { into });
  await plain.run();
  const steps: number[] = [];
  const products: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    steps.push(flops / (await cpuMs(() => session.run(inputs, { into }))) / 1e6);
    products.push(plain.flops / (await cpuMs(plain.run)) / 1e6);
  }
  const parameters = layout.parameters.reduce((sum, { size }) => sum + size, 0);
  const ratios = steps.map((step, i) => step / products[i]!);
  console.log(
    `${name}: ${(parameters / 1e6).toFixed(1)}M parameters, ${(flops / 1e9).toFixed(1)} GFLOP a step of ${batchSize} pictures; ` +
      `step ${median(steps).toFixed(1)} GFLOP/s, MatMul ${median(products).toFixed(1)} GFLOP/s, ` +
      `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  );
  await session.dispose();
}

function lessons(config: ModelConfig, sizes: { slots: number; rows: number }, batchSize: number): Tensors {
  const rng = createRng("bench");
  const batch = createBatch(config, sizes, { batchSize, backgroundClass: 199 });
  const token = () => 24 + rng.int(1000);
  batch.fill(
    Array.from({ length: batchSize }, () => ({
      pixels: Uint8Array.from({ length: 3 * config.imageSize ** 2 }, () => rng.int(256)),
      cells: Array.from({ length: visualTokens(config) }, () => rng.int(190)),
      turns: Array.from({ length: 8 }, () => ({
        question: Array.from({ length: 7 }, token),
        response: Array.from({ length: 3 }, token),
      })),
      conversation: false,
    })),
  );
  return batch.tensors;
}

/** Repeats one product of shape [rows, inner] x [inner, columns] until it is about as much work as `flops`. */
async function plainMatMul(rows: number, inner: number, columns: number, flops: number) {
  const graph = new Graph();
  graph.output(
    "y",
    ops.gemm(graph.input("a", "float32", [rows, inner]), graph.input("b", "float32", [inner, columns])),
  );
  const session = await openSession(toModelBytes(graph));
  const fill = (...dims: number[]) => {
    const rng = createRng("plain");
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => rng.normal());
    return { type: "float32" as const, data, dims };
  };
  const inputs = { a: fill(rows, inner), b: fill(inner, columns) };
  const into = {
    y: { type: "float32" as const, data: new Float32Array(rows * columns), dims: [rows, columns] },
  };
  const each = 2 * rows * inner * columns;
  const times = Math.max(1, Math.round(flops / each));
  return {
    flops: each * times,
    run: async () => {
      for (let i = 0; i < times; i++) await session.run(inputs, { into });
    },
  };
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
