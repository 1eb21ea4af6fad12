// Runs on tiny checkpoints with random weights: what they learn, what stays as it was to the last bit, and that a run which was
// stopped or killed goes on along the same curve.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { colourRecipe, writeColours } from "../../../test/fixtures/colour-runs.ts";
import { readAdapter } from "../adapter-files.ts";
import { viewOf } from "../parameters.ts";
import { readSafetensors } from "../safetensors.ts";
import type { StagePlan } from "../training-plan.ts";
import type { CheckpointRecipe } from "./checkpoint-recipe.ts";
import { exportTunedCheckpoint } from "./export-checkpoint.ts";
import { openPretrained } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import type { CheckpointEvaluation, CheckpointStep } from "./train-stage.ts";
import { loadTunedCheckpoint, type TuneCheckpointOptions, tuneCheckpoint } from "./tune-checkpoint.ts";

let root: string;
let llava: string;
let smolvlm: string;
let qwen2: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-tune-"));
  [llava, smolvlm, qwen2] = await Promise.all([
    checkpointFolder("llava", root),
    checkpointFolder("smolvlm", root),
    checkpointFolder("qwen2", root),
  ]);
  await writeColours(root);
});
afterAll(() => rm(root, { recursive: true }));

async function tune(recipe: CheckpointRecipe, name: string, options: Partial<TuneCheckpointOptions> = {}) {
  const out = path.join(root, name);
  const steps: CheckpointStep[] = [];
  const evaluations: CheckpointEvaluation[] = [];
  const result = await tuneCheckpoint(recipe, {
    out,
    baseDir: root,
    ...options,
    onStep(step) {
      steps.push(step);
      options.onStep?.(step);
    },
    onEvaluation: (evaluation) => evaluations.push(evaluation),
  });
  return { ...result, out, steps, evaluations };
}

test("LLaVA with LoRA learns what only its pictures tell, and what is exported says it by itself", async () => {
  const recipe = colourRecipe(root, llava, {
    lora: {
      rank: 4,
      alpha: 8,
      dropout: 0.1,
      targets: ["model.language_model.*", "model.multi_modal_projector.*"],
    },
    evaluation: { every: 30, samples: 2, sampleTokens: 8 },
    stages: [{ name: "instruct", steps: 60, batch: 4, learningRate: 0.01, warmup: 4, accumulate: 2 }],
  });
  const plans: StagePlan[] = [];
  const notes: string[] = [];
  const { finished, evaluations, checkpoint, trained, out } = await tune(recipe, "learns", {
    onPlan: (plan) => plans.push(plan),
    onNote: (note) => notes.push(note),
  });
  expect(finished).toBe(true);
  expect(notes).toEqual([
    expect.stringMatching(
      /^seen\.jsonl: \d+ conversations to learn, \d+ held out; the longest has \d+ tokens$/,
    ),
    expect.stringMatching(
      /^the first one, with what is learned between « and »: <s> USER: <image×16>\nWhat\? ASSISTANT:«(red|the car)<\/s>»$/,
    ),
  ]);
  const size = trained.layout.parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  expect(plans[0]!.parameters).toMatchObject({ trained: size, byPart: { vision: 0 } });
  expect(plans[0]!.parameters.byPart.bridge).toBe(4 * (24 + 32 + 32 + 32));
  expect(evaluations.map(({ step }) => step)).toEqual([0, 30, 60]);
  const [start, , end] = evaluations as [CheckpointEvaluation, CheckpointEvaluation, CheckpointEvaluation];
  expect(end.loss).toBeLessThan(0.2 * start.loss);
  expect(end.loss).toBeLessThan(0.2 * end.blindLoss!);
  expect(end.tokenAccuracy).toBeGreaterThan(0.95);
  expect(end.overall.accuracy).toBe(1);
  expect(end.overall.blind).toBeLessThan(0.8);
  expect(end.accuracy.colour).toEqual({ n: end.overall.n, accuracy: 1, blind: end.overall.blind });
  // By itself it says the same, and the files say so too.
  const log = (await readFile(path.join(out, "log.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const written = log.findLast(({ kind }) => kind === "samples").samples;
  expect(written).toHaveLength(2);
  for (const { answer, reference } of written) expect(answer).toBe(reference);
  const metrics = JSON.parse(await readFile(path.join(out, "metrics.json"), "utf8"));
  expect(metrics.stages[0]).toMatchObject({
    stage: "instruct",
    steps: 60,
    evaluation: { step: 60, loss: end.loss },
  });

  expect(await exportTunedCheckpoint(out, recipe, { checkpoint, trained })).toEqual([
    path.join(out, "adapter"),
    path.join(out, "model"),
  ]);
  const merged = await readCheckpoint(path.join(out, "model"));
  const adapter = await readAdapter(path.join(out, "adapter"));
  expect(adapter.lora).toMatchObject({ rank: 4, alpha: 8, dropout: 0.1 });
  const base = await readCheckpoint(llava);
  // LoRA leaves what it does not target as it was.
  for (const [name, weights] of merged.weights) {
    const isTarget = adapter.weights.has(`${name.replace(/\.weight$/, "")}.lora_A`);
    expect([name, weights.every((w, i) => w === base.weights.get(name)![i])]).toEqual([name, !isTarget]);
  }
  // The folder is one to start from again: tokenizer, template and processor are there.
  const models = [await openPretrained(merged), await openPretrained(base, { adapter })];
  const ids = [1, ...new Array<number>(16).fill(95), 20, 30];
  const pixels = { data: new Float32Array(768).map((_, i) => Math.sin(i)), count: 1 };
  const [a, b] = await Promise.all(models.map((model) => model.logits(ids, pixels)));
  expect(Math.max(...a!.data.map((x, i) => Math.abs(x - b!.data[i]!)))).toBeLessThan(1e-4);
  for (const model of models) await model.dispose();
  const again = await tune(
    colourRecipe(root, path.join(out, "model"), {
      stages: [{ name: "more", steps: 1, batch: 4, learningRate: 1e-9 }],
    }),
    "again",
  );
  expect(again.evaluations[0]!.loss).toBeCloseTo(end.loss, 3);
}, 120_000);

test("a stage ends when no more held-out tokens are right than before, with the weights that were best", async () => {
  const recipe = colourRecipe(root, llava, {
    evaluation: { every: 6 },
    stages: [
      { name: "instruct", steps: 120, batch: 4, learningRate: 0.01, warmup: 4, earlyStop: { patience: 2 } },
    ],
  });
  const { finished, steps, evaluations, out, trained } = await tune(recipe, "early-stop");
  expect(finished).toBe(true);
  const later = evaluations.slice(1);
  const most = Math.max(...later.map(({ tokenAccuracy }) => tokenAccuracy));
  const best = later.find(({ tokenAccuracy }) => tokenAccuracy === most)!.step;
  expect(steps).toHaveLength(best + 2 * 6);
  expect(steps.length).toBeLessThan(120);
  const { tensors } = await readSafetensors(path.join(out, "best.safetensors"));
  for (const parameter of trained.layout.parameters)
    expect(tensors.get(parameter.name)!.data).toEqual(viewOf(trained.weights, parameter));
  expect((await loadTunedCheckpoint(out, recipe, root)).trained.weights).toEqual(trained.weights);
  const log = await readFile(path.join(out, "log.jsonl"), "utf8");
  expect(log).toContain(`"kind":"best","stage":"instruct","step":${steps.length},"best":${best}`);
  const metrics = JSON.parse(await readFile(path.join(out, "metrics.json"), "utf8"));
  expect(metrics.stages[0].evaluation.step).toBe(best);
}, 60_000);

test("two stages: the connector alone, to the last bit, and then the decoder with it", async () => {
  const align = { name: "align", steps: 12, batch: 4, learningRate: 0.01, parts: { vision: 0, language: 0 } };
  const first = await tune(colourRecipe(root, smolvlm, { lora: undefined, stages: [align] }), "bridge");
  const name = "model.connector.modality_projection.proj.weight";
  expect(first.trained.layout.parameters.map((parameter) => parameter.name)).toEqual([name]);
  await exportTunedCheckpoint(first.out, colourRecipe(root, smolvlm, { lora: undefined }), first);
  const [base, bridged] = [
    await readCheckpoint(smolvlm),
    await readCheckpoint(path.join(first.out, "model")),
  ];
  for (const [key, weights] of bridged.weights) {
    const same = weights.every((w, i) => w === base.weights.get(key)![i]);
    expect([key, same]).toEqual([key, key !== name]);
  }
  expect(first.steps.at(-1)!.loss).toBeLessThan(first.steps[0]!.loss);

  const instruct = { name: "instruct", steps: 40, batch: 4, learningRate: 0.01, parts: { bridge: 0.5 } };
  const both = colourRecipe(root, smolvlm, {
    stages: [{ ...align, parts: { bridge: 1, adapters: 0 } }, instruct],
  });
  const second = await tune(both, "both");
  // The first stage is the same, with adapters that are there and do not learn.
  const losses = second.steps.filter(({ stage }) => stage === 0).map(({ loss }) => loss);
  for (const [i, { loss }] of first.steps.entries()) expect(losses[i]).toBeCloseTo(loss, 4);
  expect(second.evaluations.map(({ stage, step }) => [stage, step])).toEqual([
    ["align", 0],
    ["align", 12],
    ["instruct", 40],
  ]);
  expect(second.evaluations[2]!.loss).toBeLessThan(0.3 * second.evaluations[1]!.loss);
  expect(second.evaluations[2]!.overall.gain).toBeGreaterThan(0.2);
}, 120_000);

test("everything learns where nothing else is said, parts and names at their own rates; batches add up", async () => {
  const stage = { name: "full", steps: 3, batch: 4, learningRate: 0.002 };
  const recipe = (fields: object) =>
    colourRecipe(root, llava, { lora: undefined, stages: [{ ...stage, ...fields }] });
  const whole = await tune(
    recipe({ parts: { vision: 0.5 }, rates: [{ names: "*.norm.weight", factor: 0 }] }),
    "full",
  );
  const base = whole.checkpoint.weights;
  expect(whole.trained.layout.parameters).toHaveLength(whole.checkpoint.parameters.length - 1);
  expect(whole.steps[2]!.loss).toBeLessThan(whole.steps[0]!.loss);
  // The first step of AdamW moves by the rate alone, whatever the gradient.
  const one = await tune(recipe({ steps: 1, clip: 1e9, parts: { vision: 0.5 } }), "one");
  for (const parameter of one.trained.layout.parameters) {
    const { name, offset } = parameter;
    // A bias of keys changes nothing: its gradient is noise.
    if (name.endsWith("k_proj.bias")) continue;
    const moved = Math.max(...base.get(name)!.map((w, i) => Math.abs(w - one.trained.weights[offset + i]!)));
    expect([name, moved]).toEqual([name, expect.closeTo(name.includes("vision_tower") ? 0.001 : 0.002, 5)]);
  }
  // Answers have one token or two behind the picture: each token counts the same, in one batch or in two.
  const added = await tune(
    recipe({
      batch: 2,
      accumulate: 2,
      parts: { vision: 0.5 },
      rates: [{ names: "*.norm.weight", factor: 0 }],
    }),
    "added",
  );
  for (const [i, { loss, tokens }] of whole.steps.entries()) {
    expect(added.steps[i]!.tokens).toBe(tokens);
    expect(added.steps[i]!.loss).toBeCloseTo(loss, 4);
  }
}, 120_000);

test("a checkpoint of words learns from words; layers that are computed again learn the same", async () => {
  const recipe = (recompute: boolean) =>
    colourRecipe(root, qwen2, {
      data: { dataset: "read.jsonl", validation: 0.25 },
      lora: { rank: 4, alpha: 8, dropout: 0.1, targets: ["*.q_proj", "*.mlp.*"] },
      stages: [{ name: "read", steps: 30, batch: 4, learningRate: 0.01, recompute }],
    });
  const plans: StagePlan[] = [];
  const onPlan = (plan: StagePlan) => plans.push(plan);
  const [kept, remade] = [
    await tune(recipe(false), "kept", { onPlan }),
    await tune(recipe(true), "remade", { onPlan }),
  ];
  expect(kept.evaluations[1]!.loss).toBeLessThan(0.3 * kept.evaluations[0]!.loss);
  expect(kept.evaluations[1]!.blindLoss).toBeUndefined();
  for (const [i, { loss }] of kept.steps.entries()) expect(remade.steps[i]!.loss).toBeCloseTo(loss, 3);
  expect(plans[1]!.bytes).toBeLessThan(plans[0]!.bytes);
  expect(plans[1]!.flops).toBeGreaterThan(plans[0]!.flops);
}, 120_000);

test("conversations that share sequences teach the same", async () => {
  const recipe = (packing: boolean) =>
    colourRecipe(root, smolvlm, {
      stages: [{ name: "instruct", steps: 6, batch: 6, learningRate: 0.01, packing }],
    });
  const [apart, packed] = [await tune(recipe(false), "apart"), await tune(recipe(true), "packed")];
  expect(packed.steps).toHaveLength(6);
  for (const [i, { loss }] of apart.steps.entries()) expect(packed.steps[i]!.loss).toBeCloseTo(loss, 4);
  expect(packed.evaluations[1]!.loss).toBeCloseTo(apart.evaluations[1]!.loss, 3);
}, 60_000);

test("a stage may have words of its own", async () => {
  const recipe = colourRecipe(root, smolvlm, {
    export: ["model"],
    stages: [
      { name: "see", steps: 2, batch: 4, learningRate: 0.01 },
      { name: "read", steps: 40, batch: 4, learningRate: 0.01, dataset: "read.jsonl" },
    ],
  });
  const notes: string[] = [];
  const run = await tune(recipe, "own", { onNote: (note) => notes.push(note) });
  expect(notes).toEqual([
    expect.stringContaining("seen.jsonl: "),
    expect.stringContaining("<image×4>"),
    expect.stringContaining("read.jsonl: "),
    expect.stringContaining("«"),
  ]);
  expect(run.evaluations.map(({ stage, step }) => [stage, step])).toEqual([
    ["see", 0],
    ["see", 2],
    ["read", 0],
    ["read", 40],
  ]);
  expect(run.evaluations[3]!.loss).toBeLessThan(0.3 * run.evaluations[2]!.loss);
  expect([run.evaluations[1]!.blindLoss, run.evaluations[3]!.blindLoss]).toEqual([
    expect.any(Number),
    undefined,
  ]);
  expect(await exportTunedCheckpoint(run.out, recipe, run)).toEqual([path.join(run.out, "model")]);
}, 60_000);

describe("going on", () => {
  const recipe = () =>
    colourRecipe(root, smolvlm, {
      lora: { rank: 2, alpha: 4, dropout: 0.2, targets: ["model.text_model.*"] },
      evaluation: { every: 4 },
      checkpointEvery: 3,
      stages: [
        { name: "align", steps: 5, batch: 3, learningRate: 0.01, parts: { bridge: 1, adapters: 0 } },
        {
          ...{ name: "instruct", steps: 8, batch: 3, learningRate: 0.01, accumulate: 2 },
          ...{ parts: { bridge: 0.5 }, groupByLength: true },
        },
      ],
    });
  const told = (steps: CheckpointStep[]) => steps.map(({ stage, step, loss }) => [stage, step, loss]);
  const logOf = async (out: string) =>
    (await readFile(path.join(out, "log.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => {
        const { wallSeconds: _, ...entry } = JSON.parse(line);
        return entry;
      });
  let whole: Awaited<ReturnType<typeof tune>>;
  beforeAll(async () => {
    whole = await tune(recipe(), "whole");
  });

  test("a stopped run resumes to the same losses and weights, to the last bit", async () => {
    const controller = new AbortController();
    const first = await tune(recipe(), "stopped", {
      signal: controller.signal,
      onStep: ({ stage, step }) => stage === 1 && step === 4 && controller.abort(),
    });
    expect(first.finished).toBe(false);
    await expect(tune(recipe(), "stopped")).rejects.toThrow("folder must not hold another run's checkpoint.");
    const second = await tune(recipe(), "stopped", { resume: true });
    expect(second.finished).toBe(true);
    expect(told([...first.steps, ...second.steps])).toEqual(told(whole.steps));
    expect(second.trained.weights).toEqual(whole.trained.weights);
    expect(await logOf(second.out)).toEqual(await logOf(whole.out));
    expect((await loadTunedCheckpoint(second.out, recipe(), root)).trained).toEqual(whole.trained);
  }, 60_000);

  test("a run that is stopped before its first step is one to go on with", async () => {
    const first = await tune(recipe(), "early", { signal: AbortSignal.abort() });
    expect([first.finished, first.steps, first.evaluations]).toEqual([false, [], []]);
    const second = await tune(recipe(), "early", { resume: true });
    expect(second.trained.weights).toEqual(whole.trained.weights);
    expect(await logOf(second.out)).toEqual(await logOf(whole.out));
  }, 60_000);

  test("a run that ended between checkpoints without a word goes on from the last one", async () => {
    // As a kill leaves it: steps in the log behind the checkpoint, and half a line.
    const crash = new Error("killed");
    const onStep = ({ stage, step }: CheckpointStep) => {
      if (stage === 1 && step === 4) throw crash;
    };
    await expect(tune(recipe(), "killed", { onStep })).rejects.toBe(crash);
    const out = path.join(root, "killed");
    const file = path.join(out, "log.jsonl");
    await writeFile(file, `${await readFile(file, "utf8")}{"kind":"step","sta`);
    const steps: CheckpointStep[] = [];
    const second = await tune(recipe(), "killed", { resume: true, onStep: (step) => steps.push(step) });
    expect(steps[0]).toMatchObject({ stage: 1, step: 3 });
    expect(second.trained.weights).toEqual(whole.trained.weights);
    expect(await logOf(out)).toEqual(await logOf(whole.out));
  }, 60_000);

  test("with another recipe, other data or another checkpoint it is refused", async () => {
    const other = { ...recipe(), seed: 4 };
    await expect(tune(other, "whole", { resume: true })).rejects.toThrow("checkpoint must be of recipe");
    const file = path.join(root, "seen.jsonl");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("What?", "Which?"));
    await expect(tune(recipe(), "whole", { resume: true })).rejects.toThrow(
      'run.json: dataset "seen.jsonl" must be as it was when the run started. Put it back, or start another run.',
    );
    await writeFile(file, text);
    const weights = path.join(smolvlm, "model.safetensors");
    const bytes = await readFile(weights);
    const changed = Buffer.from(bytes);
    changed.fill(0, changed.length - 4096);
    await writeFile(weights, changed);
    await expect(tune(recipe(), "whole", { resume: true })).rejects.toThrow(
      "the checkpoint must be the one that the run started from.",
    );
    await writeFile(weights, bytes);
    await expect(tune(recipe(), "nowhere", { resume: true })).rejects.toThrow(
      "there must be a checkpoint to resume from",
    );
  }, 60_000);

  test("gradients that are no numbers end the run, and its last checkpoint stays", async () => {
    const wild = colourRecipe(root, llava, {
      lora: undefined,
      checkpointEvery: 1,
      stages: [{ name: "wild", steps: 9, batch: 2, learningRate: 1e30 }],
    });
    await expect(tune(wild, "wild")).rejects.toThrow(
      /gradients must be numbers; nothing was changed, got others in stage "wild", step 1, Samples "\d+", "\d+"\. Lower the learning rate\./,
    );
    const { trained } = await loadTunedCheckpoint(path.join(root, "wild"), wild, root);
    expect(trained.weights.every(Number.isFinite)).toBe(true);
  }, 60_000);
});
