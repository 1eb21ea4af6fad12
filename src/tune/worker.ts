// One data-parallel worker of a training run. Each step: make lessons, compute gradients on this worker's share of
// the batch, meet the others, average, update the parameters that this worker owns, meet again.

import { parentPort, workerData } from "node:worker_threads";
import type { PictureSet } from "../data/picture-questions.ts";
import type { World } from "../data/scenes/index.ts";
import { assert, InternalError } from "../errors/index.ts";
import type { Session, Tensors } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { adamwStep } from "./adamw.ts";
import type { TokenizerJson } from "./bpe.ts";
import { type Progress, saveCheckpoint } from "./checkpoint.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { createMuon } from "./muon.ts";
import type { Batch } from "./packer.ts";
import { type Parameter, type ParameterLayout, viewOf } from "./parameters.ts";
import { rateOf } from "./rates.ts";
import { type Recipe, recipeHash, type Stage } from "./recipe.ts";
import { type StoredTensor, writeSafetensors } from "./safetensors.ts";
import { learningRateAt } from "./schedule.ts";
import { barrier, decideStop, type SharedBuffers, statsOf, stopDecided } from "./shared-state.ts";
import { isEpisodeStep, openEpisodes, openPacked } from "./step-kind.ts";
import { countCells, countMiddles, countTurns } from "./tally.ts";

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
  tally: Record<string, [right: number, asked: number]>;
}

export type WorkerReport = StepReport | EvaluationReport | { kind: "end"; finished: boolean };

/** Where in the shared numbers a worker tells what its batches supervised, and its share of the squared gradient. */
const [SQUARES, WEIGHT] = [3, 4] as const;

const job = workerData as WorkerJob;
const { recipe, worker, shared, layout } = job;
const workers = recipe.workers;
const encoder = createTurnEncoder(job.tokenizer);
const state = {
  weights: new Float32Array(shared.weights),
  first: new Float32Array(shared.first),
  second: new Float32Array(shared.second),
};
const post = (report: WorkerReport) => parentPort!.postMessage(report);

let finished = true;
for (let stage = job.from.stage; stage < recipe.stages.length && finished; stage++) {
  finished = await runStage(stage, stage === job.from.stage ? job.from.step : 0);
}
post({ kind: "end", finished });

/** Runs the rest of a stage; false when it was stopped on the way. */
async function runStage(stageIndex: number, firstStep: number): Promise<boolean> {
  const stage = recipe.stages[stageIndex]!;
  const data = { recipe, encoder, world: job.world, own: job.own };
  const packed = await openPacked(data, stage);
  const episodes = await openEpisodes(data, stage);
  const kinds = episodes ? [packed, episodes] : [packed];
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
  barrier(shared);
  local.set(state.weights);

  let stopped = false;
  let step = firstStep;
  while (step < stage.steps && !stopped) {
    const kind = episodes && isEpisodeStep(step, recipe.episodes!.share) ? episodes : packed;
    const inputs = pick({ ...kind.batch.tensors, ...kind.dropout.tensors, ...weightInputs }, kind.session);
    mine.fill(0);
    stats.fill(0);
    for (let part = 0; part < stage.accumulate; part++) {
      const at = ((stageIndex * 1e6 + step) * workers + worker) * stage.accumulate + part;
      kind.fill("train", at);
      kind.dropout.draw(createRng("dropout", recipe.seed, stageIndex, step, worker, part));
      await kind.session.run(inputs, { into: outputs });
      const { weight } = kind.batch;
      for (let i = 0; i < mine.length; i++) mine[i]! += weight * gradient[i]!;
      lossNames.forEach((name, i) => {
        stats[i]! += weight * ((outputs[name]?.data[0] ?? 0) as number);
      });
      stats[WEIGHT]! += weight;
      if (Number.isNaN(stats[0])) break;
    }
    if (worker === 0) decideStop(shared);
    barrier(shared);
    stopped = stopDecided(shared);
    const norm = await update(step);
    if (!Number.isFinite(norm)) await giveUp(stage, step, norm, kind.batch);
    // Before the barrier: behind it the others may have told of their next step already.
    if (worker === 0)
      report(stageIndex, step, norm, learningRateAt(step, { ...stage, peak: stage.learningRate }));
    barrier(shared);
    local.set(state.weights);
    step++;
    if (step % recipe.evaluation.every === 0 || step === stage.steps) {
      await evaluate(step);
    }
    if (worker === 0 && (stopped || step % recipe.checkpointEvery === 0 || step === stage.steps)) {
      const next = step === stage.steps ? { stage: stageIndex + 1, step: 0 } : { stage: stageIndex, step };
      await saveCheckpoint(job.checkpointFile, layout, state, { ...next, recipe: recipeHash(recipe) });
    }
  }
  await Promise.all(
    [...kinds.flatMap((kind) => [kind.session, kind.evaluator]), update].map((held) => held.dispose()),
  );
  return step === stage.steps && !stopped;

  async function evaluate(afterStep: number) {
    const tally: EvaluationReport["tally"] = {};
    const count = (type: string, right: boolean) => {
      const entry = tally[type] ?? [0, 0];
      tally[type] = [entry[0] + Number(right), entry[1] + 1];
    };
    const outputNames = stage.objective === "answer" ? ["cells", "middles", "tokens"] : ["cells", "middles"];
    for (const { batch, evaluator, fill } of kinds) {
      const pictures = batch.tensors.pixels!.dims[0]!;
      const inputs = pick({ ...batch.tensors, ...weightInputs }, evaluator);
      const rounds = Math.ceil(recipe.evaluation.pictures / (workers * pictures));
      for (let round = 0; round < rounds; round++) {
        const { asked, placed } = fill("val", round * workers + worker);
        const answers = await evaluator.run(inputs, {
          outputs: evaluator.outputNames.filter((output) => outputNames.includes(output)),
        });
        if (answers.cells) countCells(answers.cells!.data as BigInt64Array, batch.tensors, count);
        if (answers.middles) countMiddles(answers.middles!.data as BigInt64Array, batch.tensors, count);
        if (stage.objective === "answer") {
          countTurns(answers.tokens!.data as BigInt64Array, batch.tensors, placed, asked, count);
        }
      }
    }
    post({ kind: "evaluation", stage: stageIndex, step: afterStep, tally });
  }
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
async function giveUp(stage: Stage, step: number, norm: number, { tensors }: Batch): Promise<never> {
  const own = new Float32Array(shared.gradients[worker]!);
  const isMine = own.some((value) => !Number.isFinite(value));
  const file = `${job.checkpointFile.replace(/checkpoint\.safetensors$/, "")}bad-batch-${worker}.safetensors`;
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

function pick(tensors: Tensors, session: Session): Tensors {
  const wanted = session.inputNames.filter((name) => name in tensors);
  assert(wanted.length > 0, "tune.worker", "the step must have inputs");
  return Object.fromEntries(wanted.map((name) => [name, tensors[name]!]));
}
