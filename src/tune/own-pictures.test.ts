// Runs on a handful of own pictures, light and dark ones: what a run tells of itself while it trains, how it ends by itself,
// and that every kind of bridge learns to see.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { encodePng } from "../media/png.ts";
import { trainBpe } from "./bpe.ts";
import type { BridgeConfig } from "./bridges/index.ts";
import { exportModel } from "./export.ts";
import { type Evaluation, exportRun, type Recipe, type TrainingMetrics, train } from "./index.ts";
import { initialize, recordParameters, viewOf } from "./parameters.ts";
import { readSafetensors } from "./safetensors.ts";
import { declareParameters } from "./training-graph.ts";

const model = {
  ...{ imageSize: 32, stemWidths: [8, 12] as [number, number], stemBlocks: 0, visionLayers: 1, width: 16 },
  ...{ heads: 2, feedForward: 24, bridgeWidth: 20, decoderLayers: 2, vocabulary: 400, context: 64 },
  ropeBase: 10000,
};
const recipe: Recipe = {
  ...{ name: "shades", seed: 3, workers: 2, model, start: "start", checkpointEvery: 100 },
  pack: { slots: 40, rows: 20 },
  data: {
    ...{ questions: 2, conversations: 0, rationales: 0 },
    own: { dataset: "own.jsonl", share: 1, validation: 0.3 },
  },
  evaluation: { every: 5, pictures: 8, samples: 2 },
  stages: [
    {
      ...{ name: "answer", objective: "answer", steps: 120, batch: 4, learningRate: 0.02, accumulate: 1 },
      ...{ warmup: 2, floor: 0.5, weightDecay: 0.01, clip: 1, groundWeight: 0 },
      earlyStop: { patience: 3 },
    },
  ],
};

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-own-"));
  const layout = recordParameters((source) => declareParameters(source, model));
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, 5);
  const weights = new Map(layout.parameters.map((p) => [p.name, viewOf(flat, p).slice()]));
  const texts = [" Is it light or dark?", " light", " dark"];
  const tokenizer = trainBpe(texts, { vocabSize: 400, specialTokens: SPECIAL_TOKENS });
  await exportModel(path.join(dir, "start"), { config: model, weights, tokenizer });
  await mkdir(path.join(dir, "own"));
  const rows = [];
  for (let i = 0; i < 40; i++) {
    const image = `own/${i}.png`;
    const pixels = new Uint8Array(32 * 32 * 3).fill(i % 2 === 0 ? 250 - i : i);
    await writeFile(path.join(dir, image), await encodePng(pixels, 32, 32));
    const answer = i % 2 === 0 ? "light" : "dark";
    rows.push(JSON.stringify({ image, question: "Is it light or dark?", answer, type: "shade" }));
  }
  await writeFile(path.join(dir, "own.jsonl"), rows.map((row) => `${row}\n`).join(""));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function logOf(out: string) {
  const lines = (await readFile(path.join(out, "log.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

test("a stage ends when it is no longer getting better, with its best weights, the same when resumed", async () => {
  const out = path.join(dir, "whole");
  const result = await train(recipe, { out, baseDir: dir });
  expect(result.finished).toBe(true);
  const log = await logOf(out);
  const [best] = log.filter(({ kind }) => kind === "best");
  expect(best.accuracy).toBe(1);
  expect(best.step).toBe(best.best + 3 * 5);
  expect(best.step).toBeLessThan(120);
  expect(log.filter(({ kind }) => kind === "step").length).toBe(best.step);
  const { tensors, metadata } = await readSafetensors(path.join(out, "best.safetensors"));
  expect(metadata.step).toBe(`${best.best}`);
  for (const [name, values] of result.weights) expect(tensors.get(name)!.data).toEqual(values);

  const again = path.join(dir, "again");
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => {
    if (step === best.best + 6) controller.abort();
  };
  const first = await train(recipe, { out: again, baseDir: dir, onStep, signal: controller.signal });
  expect(first.finished).toBe(false);
  const second = await train(recipe, { out: again, baseDir: dir, resume: true });
  expect(second.finished).toBe(true);
  expect((await logOf(again)).filter(({ kind }) => kind === "best")).toEqual([
    { ...best, wallSeconds: expect.any(Number) },
  ]);
  expect(second.weights).toEqual(result.weights);
}, 120_000);

test("log and metrics hold the blind control, and answers that the model wrote by itself", async () => {
  const out = path.join(dir, "whole");
  const log = await logOf(out);
  const { accuracy, overall }: Evaluation = log.findLast(({ kind }) => kind === "evaluation");
  const { blind, n } = accuracy.shade!;
  // One grey picture after another looks the same, so only one of the two answers can be right.
  expect(blind).toBeGreaterThan(0);
  expect(blind).toBeLessThan(1);
  expect(overall).toEqual({ n, accuracy: accuracy.shade!.accuracy, blind, gain: overall.accuracy - blind! });
  const { samples } = log.findLast(({ kind }) => kind === "samples");
  expect(samples.length).toBe(2);
  for (const { type, question, reference, answer } of samples) {
    expect([type, question]).toEqual(["shade", "Is it light or dark?"]);
    expect(["light", "dark"]).toContain(reference);
    expect(answer).toBe(reference);
  }
  const metrics: TrainingMetrics = JSON.parse(await readFile(path.join(out, "metrics.json"), "utf8"));
  const [stage] = metrics.stages;
  const [best] = log.filter(({ kind }) => kind === "best");
  expect(stage!.evaluation!.step).toBe(best.best);
  expect(stage!.evaluation!.overall.gain).toBeCloseTo(1 - stage!.evaluation!.overall.blind!);
  expect(stage!.stepSeconds).toBeGreaterThan(0);
  expect(stage!.waitShare).toBeGreaterThanOrEqual(0);
  expect(stage!.waitShare).toBeLessThan(1);
});

const bridges: BridgeConfig[] = [
  { kind: "cross-attention", every: 1, hidden: 16 },
  { kind: "llama-adapter", prompts: 3, layers: 2, visualLayers: 1 },
  { kind: "lavin", shuffle: 1, rank: 4, temperature: 10 },
];
test.each(bridges)(
  "$kind learns to see beside a frozen tower",
  async (bridge) => {
    const stage = { ...recipe.stages[0]!, steps: 50, earlyStop: undefined, parts: { vision: 0 } };
    const own = { ...recipe, model: { ...model, bridge }, stages: [stage] };
    const out = path.join(dir, bridge.kind);
    const evaluations: Evaluation[] = [];
    const result = await train(own, { out, baseDir: dir, onEvaluation: (one) => evaluations.push(one) });
    const best = Math.max(...evaluations.map(({ overall }) => overall.gain!));
    expect(best).toBeGreaterThan(0.3);
    if (bridge.kind === "lavin") return;
    await expect(exportRun(out, own, result, dir)).rejects.toThrow(
      `got "${bridge.kind}". The trained weights are in ${path.join(out, "checkpoint.safetensors")}.`,
    );
  },
  120_000,
);

test("pictures of the generated world are refused by a model of another picture size, before anything is drawn", async () => {
  const mixed: Recipe = { ...recipe, data: { questions: 2, conversations: 0, rationales: 0 } };
  await expect(train(mixed, { out: path.join(dir, "mixed"), baseDir: dir })).rejects.toThrow(
    /^model\.imageSize: pictures of the generated world have 112 pixels a side, got 32\. Train on/,
  );
});
