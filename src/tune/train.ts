// A training run from a recipe: prepares the folder, starts the workers, writes the log, hands out progress.
//
// The run's folder holds recipe.json, tokenizer.json, checkpoint.safetensors, log.jsonl (one line per step and per
// evaluation) and, in the end, metrics.json. Everything in it can be resumed from at any time.

import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { type PictureSet, readPictureSet } from "../data/picture-questions.ts";
import { loadWorld, sceneSize, stylesOf, taughtTools, type World } from "../data/scenes/index.ts";
import { InputError, reviveError } from "../errors/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { writeAdapter } from "./adapter-files.ts";
import type { TokenizerJson } from "./bpe.ts";
import { loadCheckpoint, type Progress } from "./checkpoint.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { addTallies, type Tally, totalOf } from "./evaluate.ts";
import { checkExportable, exportModel, readExportedModel } from "./export.ts";
import { mergeLora } from "./lora.ts";
import { tokensAreCells } from "./model-config.ts";
import { initialize, recordParameters, viewOf } from "./parameters.ts";
import { type Recipe, recipeHash } from "./recipe.ts";
import { checkFits } from "./sample-lessons.ts";
import { cellClassNames, cellClassTokens } from "./scene-lessons.ts";
import { allocateShared, askStop } from "./shared-state.ts";
import { fillWeights } from "./start-weights.ts";
import { declareParameters } from "./training-graph.ts";
import { createMetrics, writeMetrics } from "./training-metrics.ts";
import { planStages, type StagePlan } from "./training-plan.ts";
import { trainTokenizer } from "./vocabulary.ts";
import type { EvaluationReport, StepReport, WorkerJob, WorkerReport } from "./worker.ts";

/** A share of right answers; `blind` is the share of the same questions that are right behind grey pictures. */
export interface Accuracy {
  n: number;
  accuracy: number;
  blind?: number;
}

/** Accuracy by question type on the `val` split; "cell" is the grounding of cells. */
export interface Evaluation {
  stage: string;
  step: number;
  accuracy: Record<string, Accuracy>;
  /** All answers together, or all cells where there are no answers; `gain` is what is above the blind control. */
  overall: Accuracy & { gain?: number };
}

export interface TrainOptions {
  /** Folder of the run. */
  out: string;
  /** Goes on from the folder's checkpoint. @default false */
  resume?: boolean;
  /** Folder that `start` of the recipe is relative to. */
  baseDir?: string;
  /** The generated world, when it is at hand already. @default rendered from the icon sets */
  world?: World;
  /** Stops after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Called once for each stage before the first step. */
  onPlan?: (plan: StagePlan) => void;
  onStep?: (report: StepReport) => void;
  onEvaluation?: (evaluation: Evaluation) => void;
}

export interface TrainResult {
  /** False when it was stopped before its last step. */
  finished: boolean;
  weights: Map<string, Float32Array>;
  tokenizer: TokenizerJson;
}

/** Trains a model as the recipe says. */
export async function train(
  recipe: Recipe,
  { out, resume = false, baseDir = ".", world: given, signal, onPlan, onStep, onEvaluation }: TrainOptions,
): Promise<TrainResult> {
  const checkpointFile = path.join(out, "checkpoint.safetensors");
  if (!resume && existsSync(checkpointFile)) {
    const hint = "Use --resume to go on with it, or another --out.";
    throw new InputError({ where: out, rule: "folder must not hold another run's checkpoint", hint });
  }
  checkPictureSize(recipe);
  const layout = recordParameters((source) => declareParameters(source, recipe.model, recipe.lora));
  const plans = planStages(recipe, layout);
  for (const plan of plans) onPlan?.(plan);
  const run = createMetrics(plans);
  const shared = allocateShared(layout.size, recipe.workers);
  const state = {
    weights: new Float32Array(shared.weights),
    first: new Float32Array(shared.first),
    second: new Float32Array(shared.second),
  };
  const hash = recipeHash(recipe);
  let from: Progress = { stage: 0, step: 0 };
  if (resume) from = await loadCheckpoint(checkpointFile, layout, state, hash);
  const world = given ?? (needsWorld(recipe) ? await loadTrainWorld() : undefined);
  let tokenizer: TokenizerJson;
  if (resume) tokenizer = JSON.parse(await readFile(path.join(out, "tokenizer.json"), "utf8"));
  else {
    initialize(layout, state.weights, recipe.seed);
    if (recipe.start === undefined) {
      tokenizer = trainTokenizer(world!, { vocabulary: recipe.model.vocabulary, seed: recipe.seed });
    } else {
      const started = await readExportedModel(path.resolve(baseDir, recipe.start));
      tokenizer = started.tokenizer;
      fillWeights(layout, state.weights, started, recipe);
    }
  }
  const { own } = recipe.data;
  const ownSet = own && (await readOwn(own, { recipe, baseDir, tokenizer }));
  if (!resume) {
    await mkdir(out, { recursive: true });
    await writeFileAtomic(path.join(out, "tokenizer.json"), JSON.stringify(tokenizer));
    await writeFileAtomic(path.join(out, "recipe.json"), `${JSON.stringify(recipe, null, 2)}\n`);
  }
  const log = await openLog(path.join(out, "log.jsonl"), recipe, from);

  const jobs = Array.from({ length: recipe.workers }, (_, worker): WorkerJob => {
    return { recipe, worker, shared, world, tokenizer, layout, from, checkpointFile, own: ownSet };
  });
  const evaluations = new Map<string, EvaluationReport[]>();
  const onReport = (report: WorkerReport) => {
    if (report.kind === "end") return;
    if (report.kind === "step") {
      run.step(report);
      onStep?.(report);
    }
    if (report.kind === "best") run.best(report);
    if (report.kind === "pace") run.pace(report);
    if (report.kind !== "evaluation") {
      log({ ...report, stage: recipe.stages[report.stage]!.name });
      return;
    }
    const key = `${report.stage} ${report.step}`;
    const parts = [...(evaluations.get(key) ?? []), report];
    evaluations.set(key, parts);
    if (parts.length < recipe.workers) return;
    const evaluation = mergeEvaluations(recipe, parts);
    run.evaluation(report.stage, evaluation);
    log({ kind: "evaluation", ...evaluation });
    onEvaluation?.(evaluation);
  };
  const stop = () => askStop(shared);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    const ends = await runWorkers(jobs, onReport);
    await log.flush();
    const weights = new Map(layout.parameters.map((p) => [p.name, viewOf(state.weights, p).slice()]));
    const finished = ends.every(Boolean);
    await writeMetrics(out, run.metrics(recipe.name, finished));
    return { finished, weights, tokenizer };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** False when all pictures and the vocabulary come from elsewhere; the generated world needs the icon sets. */
function needsWorld(recipe: Recipe): boolean {
  return recipe.start === undefined || drawsWorld(recipe);
}

function drawsWorld({ data, episodes }: Recipe): boolean {
  return episodes !== undefined || data.own?.share !== 1;
}

function checkPictureSize(recipe: Recipe): void {
  const { imageSize } = recipe.model;
  if (imageSize === sceneSize || !drawsWorld(recipe)) return;
  throw new InputError({
    where: "model.imageSize",
    rule: `pictures of the generated world have ${sceneSize} pixels a side`,
    got: `${imageSize}`,
    hint: "Train on pictures of your own alone: data.own with share 1, and no episodes.",
  });
}

function loadTrainWorld(): Promise<World> {
  return loadWorld({ styles: stylesOf("train"), practice: true });
}

/** Reads the recipe's own dataset and refuses what does not fit the batch. */
async function readOwn(
  { dataset, validation, programs }: NonNullable<Recipe["data"]["own"]>,
  { recipe, baseDir, tokenizer }: { recipe: Recipe; baseDir: string; tokenizer: TokenizerJson },
): Promise<PictureSet> {
  const spec = dataset.startsWith("scenes:") ? dataset : path.resolve(baseDir, dataset);
  const set = await readPictureSet(spec, { side: recipe.model.imageSize, validation });
  checkFits(set, createTurnEncoder(tokenizer), recipe.pack, programs);
  return set;
}

/** Weights of a finished or stopped run, from its checkpoint. */
export async function loadRun(out: string, recipe: Recipe): Promise<Omit<TrainResult, "finished">> {
  const layout = recordParameters((source) => declareParameters(source, recipe.model, recipe.lora));
  const flat = () => new Float32Array(layout.size);
  const state = { weights: flat(), first: flat(), second: flat() };
  await loadCheckpoint(path.join(out, "checkpoint.safetensors"), layout, state, recipeHash(recipe));
  const tokenizer = JSON.parse(await readFile(path.join(out, "tokenizer.json"), "utf8"));
  return { weights: new Map(layout.parameters.map((p) => [p.name, viewOf(state.weights, p)])), tokenizer };
}

/**
 * Writes the model of a run to `OUT/model`, adapters merged; and the adapters themselves to `OUT/adapter`. `start` of the
 * recipe is relative to `baseDir`.
 */
export async function exportRun(
  out: string,
  recipe: Recipe,
  { weights, tokenizer }: Pick<TrainResult, "weights" | "tokenizer">,
  baseDir = ".",
): Promise<void> {
  const { model: config, lora, data, start } = recipe;
  checkExportable(config, `The trained weights are in ${path.join(out, "checkpoint.safetensors")}.`);
  // What the model could do that this one started from, it can still do.
  const started = start === undefined ? undefined : await readExportedModel(path.resolve(baseDir, start));
  if (lora) await writeAdapter(path.join(out, "adapter"), { lora, weights }, start ?? recipe.name);
  await exportModel(path.join(out, "model"), {
    config,
    tokenizer,
    weights: lora ? mergeLora(weights, lora) : weights,
    rationales: data.rationales > 0 || started?.rationales === true,
    tools: [...new Set([...(started?.tools ?? []), ...toolsOf(data)])],
    ...(tokensAreCells(config) && {
      grounding: { names: cellClassNames, tokens: cellClassTokens(createTurnEncoder(tokenizer)) },
    }),
  });
}

/** Names of the tools that the data teach. */
function toolsOf({ tools = 0, toolNames = {}, own }: Recipe["data"]): string[] {
  const ofScenes = tools > 0 ? taughtTools.map((name) => toolNames[name] ?? name) : [];
  return [...ofScenes, ...(own?.programs?.tools ?? [])];
}

/** Runs all workers to their end; the first error ends them all. */
function runWorkers(jobs: WorkerJob[], onReport: (report: WorkerReport) => void): Promise<boolean[]> {
  const url = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
  const workers = jobs.map((workerData) => new Worker(url, { workerData }));
  const ends = workers.map(
    (worker) =>
      new Promise<boolean>((resolve, reject) => {
        let finished = false;
        worker.on("message", (report: WorkerReport) => {
          if (report.kind === "end") finished = report.finished;
          else onReport(report);
        });
        worker.on("error", (error) => reject(reviveError(error)));
        worker.on("exit", (code) =>
          code === 0 ? resolve(finished) : reject(new Error(`worker exit code ${code}`)),
        );
      }),
  );
  return Promise.all(ends).finally(() => Promise.all(workers.map((worker) => worker.terminate())));
}

function mergeEvaluations(recipe: Recipe, parts: readonly EvaluationReport[]): Evaluation {
  const { stage, step } = parts[0]!;
  const tally = addTallies(parts.map((part) => part.tally));
  const blind = parts[0]!.blind && addTallies(parts.map((part) => part.blind ?? {}));
  const share = ([right, n]: Tally[string], hidden: Tally[string] | undefined): Accuracy => {
    return {
      n,
      accuracy: right / Math.max(1, n),
      ...(hidden && { blind: hidden[0] / Math.max(1, hidden[1]) }),
    };
  };
  const overall = share(totalOf(tally), blind && totalOf(blind));
  return {
    stage: recipe.stages[stage]!.name,
    step,
    accuracy: Object.fromEntries(
      Object.entries(tally).map(([type, counts]) => [type, share(counts, blind?.[type])]),
    ),
    overall: {
      ...overall,
      ...(overall.blind !== undefined && { gain: overall.accuracy - overall.blind }),
    },
  };
}

/** Opens the log for appending; lines of steps that will be made again are dropped. */
async function openLog(file: string, recipe: Recipe, from: Progress) {
  if (existsSync(file)) {
    const order = recipe.stages.map(({ name }) => name);
    const earlier = (line: string) => {
      if (line === "") return false;
      const { stage, step, kind } = JSON.parse(line) as { stage: string; step: number; kind: string };
      const last = kind === "step" ? step + 1 : step;
      return order.indexOf(stage) < from.stage || (order.indexOf(stage) === from.stage && last <= from.step);
    };
    const lines = (await readFile(file, "utf8")).split("\n").filter(earlier);
    await writeFileAtomic(file, lines.map((line) => `${line}\n`).join(""));
  }
  const started = Date.now();
  let queue = Promise.resolve();
  const log = (entry: Record<string, unknown>) => {
    const line = JSON.stringify({ ...entry, wallSeconds: Math.round((Date.now() - started) / 100) / 10 });
    queue = queue.then(() => appendFile(file, `${line}\n`));
  };
  return Object.assign(log, { flush: () => queue });
}
