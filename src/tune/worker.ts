// One data-parallel worker of a training run. Each step: make lessons, compute gradients on this worker's share of
// the batch, meet the others, average, update the parameters that this worker owns, meet again.

import { parentPort, workerData } from "node:worker_threads";
import type { PictureSet } from "../data/picture-questions.ts";
import type { World } from "../data/scenes/index.ts";
import { InternalError } from "../errors/index.ts";
import type { Tensors } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { adamwStep } from "./adamw.ts";
import type { TokenizerJson } from "./bpe.ts";
import { type Progress, saveCheckpoint } from "./checkpoint.ts";
import { openEarlyStop } from "./early-stop.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { evaluateShare, type Tally, totalOf } from "./evaluate.ts";
import { type FedBatch, openFeed } from "./feed.ts";
import { kindAt } from "./lesson-kinds.ts";
import { createMuon } from "./muon.ts";
import { type Parameter, type ParameterLayout, viewOf } from "./parameters.ts";
import { rateOf } from "./rates.ts";
import { type Recipe, recipeHash, type Stage } from "./recipe.ts";
import { type StoredTensor, writeSafetensors } from "./safetensors.ts";
import { type SampleAnswer, sampleAnswers } from "./sample-answers.ts";
import { learningRateAt } from "./schedule.ts";
import {
  barrier,
  decideEnd,
  decideStop,
  endDecided,
  type SharedBuffers,
  statsOf,
  stopDecided,
} from "./shared-state.ts";
import { openSteps, pickInputs } from "./step-kind.ts";

/** What a worker is started with. */
export interface WorkerJob {
  recipe: Recipe;
  worker: number;
  shared: SharedBuffers;
  /** The generated world, when the recipe draws from it. */
  world: World | undefined;
  tokenizer: TokenizerJson;
  layout: ParameterLayout;
  from: Progress;
  checkpointFile: string;
  own: PictureSet | undefined;
}

/** What worker 0 reports after a step. */
export interface StepReport {
  kind: "step";
  stage: number;
  step: number;
  loss: number;
  groundLoss: number;
  /** 0 where the stage does not answer questions. */
  answerLoss: number;
  gradientNorm: number;
  learningRate: number;
}

/** One worker's share of an evaluation: right and asked by question type; "cell" for the grounding of cells. */
export interface EvaluationReport {
  kind: "evaluation";
  stage: number;
  step: number;
  tally: Tally;
  /** The same questions behind grey pictures. */
  blind?: Tally;
}

/** What the model wrote by itself at an evaluation. */
export interface SamplesReport {
  kind: "samples";
  stage: number;
  step: number;
  samples: SampleAnswer[];
}

/** Which weights a stage with an early stop ended with: those of step `best`. */
export interface BestReport {
  kind: "best";
  stage: number;
  /** Steps that the stage made. */
  step: number;
  best: number;
  accuracy: number;
}

/** How much of a stage worker 0 waited for its data, from 0 to 1; evaluations do not count. */
export interface PaceReport {
  kind: "pace";
  stage: number;
  waitShare: number;
}

export type WorkerReport =
  | StepReport
  | EvaluationReport
  | SamplesReport
  | BestReport
  | PaceReport
  | { kind: "end"; finished: boolean };

/**
 * Where in the shared numbers a worker tells what its batches supervised, its share of the squared gradient, and its share
 * of an evaluation.
 */
const [SQUARES, WEIGHT, RIGHT, ASKED] = [3, 4, 5, 6] as const;

const job = workerData as WorkerJob;
const { recipe, worker, shared, layout } = job;
const workers = recipe.workers;
const recipeWorkers = Array.from({ length: workers }, (_, w) => w);
const encoder = createTurnEncoder(job.tokenizer);
const state = {
  weights: new Float32Array(shared.weights),
  first: new Float32Array(shared.first),
  second: new Float32Array(shared.second),
};
const post = (report: WorkerReport) => parentPort!.postMessage(report);

const { tokenizer, world, own } = job;
const feed = openFeed({ recipe, tokenizer, world, own, worker });
let finished = true;
for (let stage = job.from.stage; stage < recipe.stages.length && finished; stage++) {
  finished = await runStage(stage, stage === job.from.stage ? job.from.step : 0);
}
await feed.dispose();
post({ kind: "end", finished });

/** Runs the rest of a stage; false when it was stopped on the way. */
async function runStage(stageIndex: number, firstStep: number): Promise<boolean> {
  const stage = recipe.stages[stageIndex]!;
  const data = { recipe, encoder, world: job.world, own: job.own };
  const kinds = await openSteps(data, stage);
  const packed = kinds[0]!;
  const { trained } = packed;
  const parameters = layout.parameters.filter(({ name }) => trained.includes(name));
  const local = new Float32Array(shared.weights.byteLength / 4);
  const gradient = new Float32Array(local.length);
  const weightInputs = tensorsOf(layout.parameters, local, "");
  const outputs: Tensors = { ...tensorsOf(parameters, gradient, "gradient:") };
  const lossNames = ["loss", "ground_loss", "answer_loss"];
  for (const name of packed.session.outputNames.filter((output) => lossNames.includes(output)))
    outputs[name] = { type: "float32", data: new Float32Array(1), dims: [] };
  const update = await createUpdate(ownedBy(worker, parameters), gradient, stage);
  const mine = new Float32Array(shared.gradients[worker]!);
  const stats = statsOf(shared, worker);
  if (firstStep === 0) clearState(ownedBy(worker, parameters));
  const judge =
    stage.earlyStop && worker === 0
      ? await openEarlyStop(
          {
            file: besideCheckpoint("best.safetensors"),
            layout,
            recipe: recipeHash(recipe),
            stage: stageIndex,
            patience: stage.earlyStop.patience,
            every: recipe.evaluation.every,
          },
          firstStep,
        )
      : undefined;
  feed.begin(stageIndex, firstStep);
  const started = performance.now();
  let evaluating = 0;
  barrier(shared);
  local.set(state.weights);

  let stopped = false;
  let ended = firstStep >= stage.steps;
  let step = firstStep;
  while (!ended && !stopped) {
    const { session, dropout } = kindAt(step, kinds, recipe);
    let batch: FedBatch | undefined;
    mine.fill(0);
    stats.fill(0);
    for (let part = 0; part < stage.accumulate; part++) {
      batch = await feed.next();
      dropout.draw(createRng("dropout", recipe.seed, stageIndex, step, worker, part));
      const inputs = pickInputs({ ...batch.tensors, ...dropout.tensors, ...weightInputs }, session);
      await session.run(inputs, { into: outputs });
      const { weight } = batch;
      for (let i = 0; i < mine.length; i++) mine[i]! += weight * gradient[i]!;
      lossNames.forEach((name, i) => {
        stats[i]! += weight * ((outputs[name]?.data[0] ?? 0) as number);
      });
      stats[WEIGHT]! += weight;
      // The batch that made it is still there to be kept.
      if (!Number.isFinite(stats[0])) break;
    }
    if (worker === 0) decideStop(shared);
    barrier(shared);
    stopped = stopDecided(shared);
    const norm = await update(step);
    if (!Number.isFinite(norm)) await giveUp(stage, step, norm, batch!);
    // Before the barrier: behind it the others may have told of their next step already.
    if (worker === 0)
      report(stageIndex, step, norm, learningRateAt(step, { ...stage, peak: stage.learningRate }));
    barrier(shared);
    local.set(state.weights);
    step++;
    ended = step === stage.steps;
    if (step % recipe.evaluation.every === 0 || ended) {
      const before = performance.now();
      const enough = await evaluate(step);
      evaluating += performance.now() - before;
      ended ||= enough;
    }
    if (ended && judge?.best) {
      judge.restore(state.weights);
      const { step: best, accuracy } = judge.best;
      post({ kind: "best", stage: stageIndex, step, best, accuracy });
    }
    if (worker === 0 && (stopped || step % recipe.checkpointEvery === 0 || ended)) {
      const next = ended ? { stage: stageIndex + 1, step: 0 } : { stage: stageIndex, step };
      await saveCheckpoint(job.checkpointFile, layout, state, { ...next, recipe: recipeHash(recipe) });
    }
  }
  if (worker === 0) {
    const milliseconds = performance.now() - started - evaluating;
    post({ kind: "pace", stage: stageIndex, waitShare: feed.waited / Math.max(1, milliseconds) });
  }
  const sessions = kinds.flatMap(({ session, evaluator }) => [session, evaluator]);
  await Promise.all([...sessions, update].map((held) => held.dispose()));
  return ended && !stopped;

  /** Tells how good the model is; true when that was the last that the stage waits for. */
  async function evaluate(afterStep: number): Promise<boolean> {
    const result = await evaluateShare(kinds, { recipe, stage, worker, weights: weightInputs });
    post({ kind: "evaluation", stage: stageIndex, step: afterStep, ...result });
    const count = recipe.evaluation.samples;
    if (count && worker === 0 && stage.objective === "answer") {
      const samples = await sampleAnswers(packed, encoder, { count, weights: weightInputs });
      post({ kind: "samples", stage: stageIndex, step: afterStep, samples });
    }
    if (!stage.earlyStop) return false;
    const [right, asked] = totalOf(result.tally);
    stats[RIGHT] = right;
    stats[ASKED] = asked;
    barrier(shared);
    if (judge) {
      const sum = (i: number) => recipeWorkers.reduce((total, w) => total + statsOf(shared, w)[i]!, 0);
      decideEnd(shared, await judge.see(afterStep, sum(RIGHT) / Math.max(1, sum(ASKED)), local));
    }
    barrier(shared);
    return endDecided(shared);
  }
}

/** A file of the run's folder. */
function besideCheckpoint(name: string): string {
  return job.checkpointFile.replace(/checkpoint\.safetensors$/, name);
}

/** Parameters split between workers so that each has about the same work; Muon's matrices cost the most. */
function ownedBy(index: number, parameters: readonly Parameter[]): Parameter[] {
  const cost = ({ optimizer, shape, size }: Parameter) =>
    optimizer === "muon" ? size * Math.min(...shape) : size;
  const loads = new Array<number>(workers).fill(0);
  const owners = new Map<Parameter, number>();
  for (const parameter of [...parameters].sort((a, b) => cost(b) - cost(a))) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest]! += cost(parameter);
    owners.set(parameter, lightest);
  }
  return parameters.filter((parameter) => owners.get(parameter) === index);
}

function clearState(parameters: readonly Parameter[]): void {
  for (const parameter of parameters) {
    viewOf(state.first, parameter).fill(0);
    viewOf(state.second, parameter).fill(0);
  }
}

/** The update of this worker's parameters from the gradients of all workers; resolves to the gradient's length. */
async function createUpdate(owned: readonly Parameter[], mean: Float32Array, stage: Stage) {
  const others = shared.gradients.map((buffer) => new Float32Array(buffer));
  const stats = statsOf(shared, worker);
  const rate = ({ name }: Parameter) => rateOf(name, stage, { lora: recipe.lora !== undefined });
  const muon = await createMuon(
    owned
      .filter(({ optimizer }) => optimizer === "muon")
      .map((parameter) => ({
        name: parameter.name,
        shape: parameter.shape,
        weights: viewOf(state.weights, parameter),
        momentum: viewOf(state.first, parameter),
        gradient: viewOf(mean, parameter),
        rate: rate(parameter),
      })),
  );
  const slices = owned
    .filter(({ optimizer }) => optimizer === "adamw")
    .map((parameter) => ({
      weights: viewOf(state.weights, parameter),
      first: viewOf(state.first, parameter),
      second: viewOf(state.second, parameter),
      gradient: viewOf(mean, parameter),
      rate: rate(parameter),
    }));
  const update = async (step: number): Promise<number> => {
    let squares = 0;
    let weight = 0;
    for (let w = 0; w < workers; w++) weight += statsOf(shared, w)[WEIGHT]!;
    for (const { offset, size } of owned) {
      for (let i = offset; i < offset + size; i++) {
        let sum = 0;
        for (const part of others) sum += part[i]!;
        const g = sum / weight;
        mean[i] = g;
        squares += g * g;
      }
    }
    stats[SQUARES] = squares;
    barrier(shared);
    let total = 0;
    for (let w = 0; w < workers; w++) total += statsOf(shared, w)[SQUARES]!;
    const norm = Math.sqrt(total);
    if (!Number.isFinite(norm)) return norm;
    const options = {
      learningRate: learningRateAt(step, { ...stage, peak: stage.learningRate }),
      weightDecay: stage.weightDecay,
      gradientScale: Math.min(1, stage.clip / (norm + 1e-12)),
    };
    await muon.step(options);
    for (const slice of slices) {
      adamwStep(slice, { ...options, learningRate: slice.rate * options.learningRate, step: step + 1 });
    }
    return norm;
  };
  return Object.assign(update, { dispose: () => muon.dispose() });
}

/**
 * Ends the run at a gradient that is no number. A worker whose own gradient is not finite keeps its batch; weights and the
 * last checkpoint are as they were.
 */
async function giveUp(stage: Stage, step: number, norm: number, { tensors }: FedBatch): Promise<never> {
  const own = new Float32Array(shared.gradients[worker]!);
  const isMine = own.some((value) => !Number.isFinite(value));
  const file = besideCheckpoint(`bad-batch-${worker}.safetensors`);
  if (isMine) {
    const kept = Object.entries(tensors).map(([name, { data, dims }]): [string, StoredTensor] => {
      return [name, { shape: dims, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) }];
    });
    await writeSafetensors(file, {
      tensors: new Map(kept),
      metadata: { stage: stage.name, step: `${step}` },
    });
  }
  barrier(shared);
  throw new InternalError({
    where: `tune: stage "${stage.name}", step ${step}`,
    rule: "gradient must be finite",
    got: `${norm}`,
    hint: `${isMine ? `The batch is kept in ${file}. ` : ""}Lower the learning rate and resume from the last checkpoint.`,
  });
}

function report(stage: number, step: number, gradientNorm: number, learningRate: number): void {
  const sum = (i: number) => {
    let total = 0;
    for (let w = 0; w < workers; w++) total += statsOf(shared, w)[i]!;
    return total;
  };
  const mean = (i: number) => sum(i) / sum(WEIGHT);
  post({
    kind: "step",
    stage,
    step,
    loss: mean(0),
    groundLoss: mean(1),
    answerLoss: recipe.stages[stage]!.objective === "answer" ? mean(2) : 0,
    gradientNorm,
    learningRate,
  });
}

function tensorsOf(parameters: readonly Parameter[], flat: Float32Array, prefix: string): Tensors {
  return Object.fromEntries(
    parameters.map((parameter) => [
      `${prefix}${parameter.name}`,
      { type: "float32", data: viewOf(flat, parameter), dims: parameter.shape },
    ]),
  );
}
