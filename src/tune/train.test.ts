// A whole run on a very small model: losses fall, a stopped run goes on along the same curve, and what it exports
// answers through the model room's own loader.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadWorld, stylesOf, type World } from "../data/scenes/index.ts";
import { InternalError } from "../errors/index.ts";
import { encodePng } from "../media/png.ts";
import {
  type Evaluation,
  exportModel,
  exportRun,
  loadRun,
  mergeLora,
  type Recipe,
  readAdapter,
  readExportedModel,
  type StagePlan,
  type StepReport,
  train,
} from "./index.ts";
import { readSafetensors } from "./safetensors.ts";

const recipe: Recipe = {
  name: "test",
  seed: 3,
  workers: 2,
  model: {
    imageSize: 112,
    stemWidths: [8, 16],
    stemBlocks: 1,
    visionLayers: 1,
    width: 32,
    heads: 2,
    feedForward: 64,
    bridgeWidth: 32,
    decoderLayers: 1,
    vocabulary: 2048,
    context: 256,
    ropeBase: 10000,
  },
  pack: { slots: 60, rows: 30 },
  data: { questions: 6, conversations: 0.25, rationales: 0.3 },
  episodes: { share: 0.5, pictures: 3, sequences: 1, slots: 16, rows: 24 },
  evaluation: { every: 4, pictures: 8 },
  checkpointEvery: 100,
  stages: [
    { name: "ground", objective: "ground", steps: 4, batch: 4 },
    { name: "answer", objective: "answer", steps: 8, batch: 4 },
  ].map((stage) => ({
    ...stage,
    objective: stage.objective as "ground" | "answer",
    learningRate: 0.01,
    accumulate: 1,
    warmup: 2,
    floor: 0.5,
    weightDecay: 0.01,
    clip: 1,
    groundWeight: 0.3,
  })),
};

let dir: string;
let whole: StepReport[];
let world: World;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-train-"));
  whole = [];
  world = await loadWorld({ styles: stylesOf("train"), practice: true });
  const result = await train(recipe, {
    world,
    out: path.join(dir, "whole"),
    onStep: (report) => whole.push(report),
  });
  expect(result.finished).toBe(true);
}, 240_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

const losses = (reports: StepReport[]) => reports.map(({ stage, step, loss }) => [stage, step, loss]);

test("both stages run all their steps and the loss falls", () => {
  expect(whole.map(({ stage, step }) => `${stage}.${step}`)).toEqual([
    ...[0, 1, 2, 3].map((step) => `0.${step}`),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((step) => `1.${step}`),
  ]);
  expect(whole[3]!.loss).toBeLessThan(whole[0]!.loss);
  expect(whole[11]!.answerLoss).toBeLessThan(whole[4]!.answerLoss - 0.5);
});

test("a run that is stopped and resumed makes the same losses to the last bit", async () => {
  const out = path.join(dir, "stopped");
  const controller = new AbortController();
  const reports: StepReport[] = [];
  const onStep = (report: StepReport) => {
    reports.push(report);
    if (report.stage === 1 && report.step === 2) controller.abort();
  };
  const first = await train(recipe, { world, out, onStep, signal: controller.signal });
  expect(first.finished).toBe(false);
  await expect(train(recipe, { world, out })).rejects.toThrow(
    `${out}: folder must not hold another run's checkpoint. Use --resume to go on with it, or another --out.`,
  );
  const second = await train(recipe, { world, out, resume: true, onStep: (report) => reports.push(report) });
  expect(second.finished).toBe(true);
  expect(losses(reports)).toEqual(losses(whole));
  const read = async (name: string) => (await loadRun(path.join(dir, name), recipe)).weights;
  expect(await read("stopped")).toEqual(await read("whole"));
  // The log tells one story: every step once, and the evaluations at their steps.
  const log = (await readFile(path.join(out, "log.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(log.filter(({ kind }) => kind === "step").map(({ loss }) => loss)).toEqual(
    whole.map(({ loss }) => loss),
  );
  expect(log.filter(({ kind }) => kind === "evaluation").map(({ stage, step }) => [stage, step])).toEqual([
    ["ground", 4],
    ["answer", 4],
    ["answer", 8],
  ]);
}, 240_000);

test("batches that are added up train as one batch of all their pictures does, weighed by what each supervises", async () => {
  // The naming of cells is weighed by itself, so it is left out; dropout there is none.
  const stage = { ...recipe.stages[1]!, groundWeight: 0, steps: 3 };
  const alone = { ...recipe, episodes: undefined, workers: 1 };
  const run = async (name: string, sizes: { batch: number; accumulate: number }) => {
    const reports: StepReport[] = [];
    const small = { ...alone, stages: [{ ...stage, ...sizes }] };
    const onStep = (report: StepReport) => reports.push(report);
    const { weights } = await train(small, { world, out: path.join(dir, name), onStep });
    return { weights, losses: reports.map(({ loss }) => loss) };
  };
  const whole = await run("one-batch", { batch: 6, accumulate: 1 });
  const parts = await run("three-parts", { batch: 2, accumulate: 3 });
  for (const [i, loss] of whole.losses.entries()) expect(parts.losses[i]).toBeCloseTo(loss, 4);
  let [most, moved] = [0, 0];
  const first = await run("first-step", { batch: 2, accumulate: 1 });
  for (const [name, values] of whole.weights) {
    const [other, unlike] = [parts.weights.get(name)!, first.weights.get(name)!];
    most = Math.max(most, ...values.map((value, i) => Math.abs(value - other[i]!)));
    moved = Math.max(moved, ...values.map((value, i) => Math.abs(value - unlike[i]!)));
  }
  expect(most).toBeLessThan(moved / 20);
}, 120_000);

test("a gradient that is no number ends the run, keeps the batch and leaves the last checkpoint", async () => {
  const out = path.join(dir, "no-number");
  const stage = { ...recipe.stages[0]!, learningRate: 1e30, warmup: 0, steps: 6, clip: 1e30 };
  const running = train({ ...recipe, workers: 1, checkpointEvery: 1, stages: [stage] }, { world, out });
  await expect(running).rejects.toThrow(
    /stage "ground", step \d: gradient must be finite, got (NaN|Infinity)\. The batch is kept in .*bad-batch-0\.safetensors\. Lower/,
  );
  const { tensors, metadata } = await readSafetensors(path.join(out, "bad-batch-0.safetensors"));
  expect(tensors.get("pixels")!.shape).toEqual([4, 3, 112, 112]);
  expect(metadata.stage).toBe("ground");
  expect(existsSync(path.join(out, "checkpoint.safetensors"))).toBe(true);
}, 60_000);

test("an exported run can be trained on from its weights", async () => {
  const run = await loadRun(path.join(dir, "whole"), recipe);
  await exportModel(path.join(dir, "model"), { config: recipe.model, ...run });
  const next: Recipe = { ...recipe, start: "model", stages: [{ ...recipe.stages[1]!, steps: 1 }] };
  const reports: StepReport[] = [];
  await train(next, {
    world,
    out: path.join(dir, "next"),
    baseDir: dir,
    onStep: (report) => reports.push(report),
  });
  expect(reports[0]!.answerLoss).toBeLessThan(whole[6]!.answerLoss);
  const wider: Recipe = { ...next, model: { ...recipe.model, feedForward: 96 } };
  await expect(train(wider, { world, out: path.join(dir, "wider"), baseDir: dir })).rejects.toThrow(
    'model: "vision.layers.0.feed_forward.up" must have shape [32,96], got [32,64].',
  );
}, 240_000);

test("adapters learn beside frozen weights; the exported model has them merged, the adapter folder alone", async () => {
  const run = await loadRun(path.join(dir, "whole"), recipe);
  await exportModel(path.join(dir, "base"), { config: recipe.model, rationales: true, ...run });
  const lora = { rank: 2, alpha: 4, dropout: 0.1, targets: ["decoder.*"], rsLora: false };
  const stage = { ...recipe.stages[1]!, steps: 2, parts: { bridge: 0.5 } };
  const data = { ...recipe.data, rationales: 0 };
  const adapted: Recipe = { ...recipe, data, start: "base", lora, stages: [stage] };
  const out = path.join(dir, "adapted");
  const plans: StagePlan[] = [];
  const result = await train(adapted, { world, out, baseDir: dir, onPlan: (plan) => plans.push(plan) });
  const kept = (name: string) => Buffer.compare(bytes(result.weights, name), bytes(run.weights, name)) === 0;
  expect(kept("embedding")).toBe(true);
  expect(kept("vision.stem.conv1")).toBe(true);
  expect(kept("decoder.layers.0.attention.qkv")).toBe(true);
  expect(kept("bridge.up")).toBe(false);
  const up = result.weights.get("decoder.layers.0.attention.qkv.lora_B")!;
  expect(up.some((value) => value !== 0)).toBe(true);

  await exportRun(out, adapted, result, dir);
  const exported = await readExportedModel(path.join(out, "model"));
  expect(exported.rationales).toBe(true);
  const merged = exported.weights;
  expect([...merged.keys()].filter((name) => name.includes("lora"))).toEqual([]);
  expect(merged.get("decoder.layers.0.attention.qkv")!.data).toEqual(
    mergeLora(result.weights, lora).get("decoder.layers.0.attention.qkv"),
  );
  const { weights } = await readAdapter(path.join(out, "adapter"));
  expect(weights.get("decoder.layers.0.attention.qkv.lora_B")).toEqual(up);

  const { parameters } = plans[0]!;
  const sizeOf = (name: RegExp) =>
    [...result.weights].reduce((sum, [key, { length }]) => sum + (name.test(key) ? length : 0), 0);
  expect(parameters.byPart).toEqual({ vision: 0, bridge: sizeOf(/^bridge/), language: sizeOf(/lora_[AB]$/) });
  expect(parameters.total).toBe(sizeOf(/./));
}, 240_000);

test("adapters alone can be trained, with all matrices of the model frozen", async () => {
  const run = await loadRun(path.join(dir, "whole"), recipe);
  await exportModel(path.join(dir, "frozen"), { config: recipe.model, ...run });
  const lora = { rank: 2, alpha: 4, dropout: 0, targets: ["decoder.*.qkv"], rsLora: false };
  const stages = [{ ...recipe.stages[1]!, steps: 2 }];
  const alone: Recipe = { ...recipe, start: "frozen", lora, stages };
  const result = await train(alone, { world, out: path.join(dir, "adapters"), baseDir: dir });
  const changed = [...result.weights].filter(
    ([name]) =>
      run.weights.has(name) && Buffer.compare(bytes(result.weights, name), bytes(run.weights, name)) !== 0,
  );
  expect(changed).toEqual([]);
  expect(result.weights.get("decoder.layers.0.attention.qkv.lora_B")!.some((value) => value !== 0)).toBe(
    true,
  );
}, 240_000);

test("what goes wrong in a worker is the same error outside of it", async () => {
  const stages = [{ ...recipe.stages[0]!, learningRate: 1e25 }];
  const failing = train({ ...recipe, stages }, { world, out: path.join(dir, "diverged") });
  await expect(failing).rejects.toSatisfy(
    (error) => InternalError.isInstance(error) && error instanceof InternalError,
  );
  await expect(failing).rejects.toThrow(
    /^tune: stage "ground", step \d: gradient must be finite, got NaN\. The batch is kept in .+\. Lower the/,
  );
}, 240_000);

test("another bridge starts fresh on the weights of a model that had a different one", async () => {
  const run = await loadRun(path.join(dir, "whole"), recipe);
  await exportModel(path.join(dir, "mlp"), { config: recipe.model, ...run });
  const bridge = { kind: "resampler" as const, queries: 4, layers: 1 };
  const model = { ...recipe.model, bridge };
  const next: Recipe = {
    ...recipe,
    model,
    start: "mlp",
    stages: [{ ...recipe.stages[1]!, steps: 1, parts: { vision: 0, language: 0 } }],
  };
  const result = await train(next, { world, out: path.join(dir, "resampler"), baseDir: dir });
  expect(bytes(result.weights, "vision.positions")).toEqual(bytes(run.weights, "vision.positions"));
  expect(result.weights.get("bridge.queries")!.length).toBe(4 * recipe.model.width);
  const grounding: Recipe = { ...next, stages: [recipe.stages[0]!] };
  await expect(train(grounding, { world, out: path.join(dir, "g"), baseDir: dir })).rejects.toThrow(
    'model.bridge: a stage with objective "ground" needs one token a cell (linear, mlp or lavin, shuffle 1), got "resampler".',
  );
}, 240_000);

function bytes(weights: ReadonlyMap<string, Float32Array>, name: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = weights.get(name)!;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

test("a person's own pictures can be trained on alone, without the generated world", async () => {
  const run = await loadRun(path.join(dir, "whole"), recipe);
  await exportModel(path.join(dir, "start"), { config: recipe.model, ...run });
  const samples = Array.from({ length: 12 }, (_, i) => ({
    image: `own/${i}.png`,
    question: "Is it light or dark?",
    answer: i % 2 === 0 ? "light" : "dark",
    type: "shade",
  }));
  await mkdir(path.join(dir, "own"));
  for (const [i, { image }] of samples.entries()) {
    const pixels = new Uint8Array(32 * 32 * 3).fill(i % 2 === 0 ? 250 - i : i);
    await writeFile(path.join(dir, image), await encodePng(pixels, 32, 32));
  }
  const lines = (list: object[]) => list.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(path.join(dir, "own.jsonl"), lines(samples));
  const { episodes: _, ...rest } = recipe;
  const own = { dataset: "own.jsonl", share: 1, validation: 0.3 };
  const alone: Recipe = {
    ...rest,
    data: { ...recipe.data, rationales: 0, own },
    start: "start",
    stages: [{ ...recipe.stages[1]!, steps: 30, groundWeight: 0 }],
  };
  const evaluations: Evaluation[] = [];
  const result = await train(alone, {
    out: path.join(dir, "alone"),
    baseDir: dir,
    onEvaluation: (evaluation) => evaluations.push(evaluation),
  });
  expect(result.finished).toBe(true);
  const last = evaluations.at(-1)!.accuracy;
  expect(Object.keys(last)).toEqual(["shade"]);
  expect(last.shade!.accuracy).toBe(1);

  await writeFile(
    path.join(dir, "own.jsonl"),
    lines(samples.map((row) => ({ ...row, answer: "so ".repeat(80) }))),
  );
  await expect(train(alone, { out: path.join(dir, "long"), baseDir: dir })).rejects.toThrow(
    /^question "Is it light or dark\?": must fit pack\.slots \(60\) and its response pack\.rows \(30\), got \d+ tokens/,
  );
  expect(existsSync(path.join(dir, "long"))).toBe(false);
}, 240_000);
