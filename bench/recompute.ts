// What computing layers again in the backward pass saves and costs: one training step with and without, each in a process of
// its own, by peak memory and CPU time.
// Usage: node bench/recompute.ts [pictures]
import { spawnSync } from "node:child_process";
import { openSession, type Tensors } from "../src/onnx/index.ts";
import type { ModelConfig } from "../src/tune/model-config.ts";
import { createBatch } from "../src/tune/packer.ts";
import { initialize, recordParameters, viewOf } from "../src/tune/parameters.ts";
import { buildTrainingStep, declareParameters } from "../src/tune/training-graph.ts";
import { stepBytes } from "../src/tune/training-plan.ts";
import { createRng } from "../src/util/rng.ts";

const ROUNDS = 5;

const shared = {
  ...{ imageSize: 112, stemWidths: [64, 128] as [number, number], stemBlocks: 0, vocabulary: 2048 },
  ...{ context: 2048, ropeBase: 10000 },
};
const models: Record<string, ModelConfig> = {
  "width 192, 3 + 4 layers": {
    ...shared,
    ...{ width: 192, heads: 6, feedForward: 768, bridgeWidth: 384, visionLayers: 3, decoderLayers: 4 },
  },
  "width 256, 6 + 12 layers": {
    ...shared,
    ...{ width: 256, heads: 8, feedForward: 1024, bridgeWidth: 512, visionLayers: 6, decoderLayers: 12 },
  },
};

async function measure(name: string, recompute: boolean, pictures: number): Promise<void> {
  const config = models[name]!;
  const sizes = { slots: 93, rows: 44 };
  const layout = recordParameters((source) => declareParameters(source, config));
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 1);
  const losses = { objective: "answer" as const, sizes, cellClasses: [300, 301], groundWeight: 0 };
  const { model, graph } = buildTrainingStep(config, losses, { recompute });
  const rng = createRng("bench");
  const batch = createBatch(config, sizes, { batchSize: pictures, backgroundClass: 1 });
  const tokens = (count: number) => Array.from({ length: count }, () => 24 + rng.int(1000));
  batch.fill(
    Array.from({ length: pictures }, () => ({
      pixels: Uint8Array.from({ length: 3 * config.imageSize ** 2 }, () => rng.int(256)),
      cells: new Int8Array(49),
      turns: Array.from({ length: 8 }, () => ({ question: tokens(7), response: tokens(3) })),
      conversation: false,
    })),
  );
  const session = await openSession(model);
  const tensors: Tensors = { ...batch.tensors };
  for (const p of layout.parameters)
    tensors[p.name] = { type: "float32", data: viewOf(flat, p), dims: p.shape };
  const inputs = Object.fromEntries(session.inputNames.map((key) => [key, tensors[key]!]));
  const into: Tensors = Object.fromEntries(
    layout.parameters
      .filter((p) => session.outputNames.includes(`gradient:${p.name}`))
      .map((p) => [`gradient:${p.name}`, { type: "float32", data: new Float32Array(p.size), dims: p.shape }]),
  );
  const atRest = process.memoryUsage().rss;
  await session.run(inputs, { into });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await session.run(inputs, { into });
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
  }
  const seconds = times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2);
  const most = process.resourceUsage().maxRSS * 1024;
  const planned = stepBytes(graph, { batch_size: pictures });
  const way = recompute ? "computed again" : "kept";
  console.log(
    `${name}, ${pictures} pictures, ${way}: peak ${gib(most)} GiB, ` +
      `of which the step ${gib(most - atRest)} (planned ${gib(planned)}), ${seconds.toFixed(2)} s of CPU a step`,
  );
}

const [first, name, way, count] = process.argv.slice(2);
if (first === "--one") await measure(name!, way === "again", Number(count));
else
  for (const model of Object.keys(models))
    for (const each of ["kept", "again"])
      spawnSync(process.execPath, [import.meta.filename, "--one", model, each, first ?? "16"], {
        stdio: "inherit",
      });
