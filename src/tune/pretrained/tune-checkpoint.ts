// A training run on a checkpoint of the Hugging Face layout, from a recipe. Which conversations a step sees and what dropout drops
// follows from the step's number, so a run that was stopped goes on along the same curve. Optimiser: AdamW on clipped gradients.
import { availableParallelism } from "node:os";
import path from "node:path";
import { createRng } from "../../util/rng.ts";
import { adamwStep } from "../adamw.ts";
import { loadCheckpoint, type Progress, saveCheckpoint } from "../checkpoint.ts";
import { type Parameter, viewOf } from "../parameters.ts";
import type { SampleAnswer } from "../sample-answers.ts";
import { learningRateAt } from "../schedule.ts";
import type { Evaluation } from "../train.ts";
import { createMetrics, writeMetrics } from "../training-metrics.ts";
import type { StagePlan } from "../training-plan.ts";
import { type CheckpointRecipe, type CheckpointStage, checkpointRecipeHash } from "./checkpoint-recipe.ts";
import { openEvaluator, writeAnswers } from "./evaluate-checkpoint.ts";
import {
  checkLength,
  checkTargets,
  gradientNorm,
  openGradients,
  startWeights,
  type TrainedWeights,
} from "./gradients.ts";
import { checkpointRate } from "./parts.ts";
import { planCheckpointStage, trainedByStages } from "./plan-checkpoint.ts";
import { type Checkpoint, readCheckpoint } from "./read-checkpoint.ts";
import { checkFree, checkRun, openRunLog, type RunLog, runFacts, writeRun } from "./run-folder.ts";
import { countLabels } from "./training-batch.ts";
import {
  batchOf,
  type ExampleSet,
  readTrainingExamples,
  shuffled,
  type TrainingExamples,
} from "./training-examples.ts";

/** What a step tells. */
export interface CheckpointStep {
  /** Number of the stage in the recipe. */
  stage: number;
  /** Number of the step in its stage, from 0. */
  step: number;
  /** Mean cross-entropy of the learned tokens before the update. */
  loss: number;
  /** Learned tokens. */
  tokens: number;
  gradientNorm: number;
  learningRate: number;
}

/** Accuracy of whole answers by type as `Evaluation` has it, and the numbers of the learned tokens. */
export interface CheckpointEvaluation extends Evaluation {
  loss: number;
  tokenAccuracy: number;
  /** Loss of the same conversations behind grey pictures. */
  blindLoss?: number;
}

export interface TuneCheckpointOptions {
  /** Folder of the run. */
  out: string;
  /** Goes on from the folder's checkpoint. @default false */
  resume?: boolean;
  /** Folder that the recipe's paths are relative to. @default "." */
  baseDir?: string;
  /** Stops after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Called once for each stage before the first step. */
  onPlan?: (plan: StagePlan) => void;
  /** Called before the first step with what a person should know about the data. */
  onNote?: (note: string) => void;
  onStep?: (step: CheckpointStep) => void;
  onEvaluation?: (evaluation: CheckpointEvaluation) => void;
}

/** A checkpoint and what was trained of it. */
export interface TunedCheckpoint {
  checkpoint: Checkpoint;
  trained: TrainedWeights;
}

/** Trains a checkpoint as the recipe says. `finished` is false when it was stopped before its last step. */
export async function tuneCheckpoint(
  recipe: CheckpointRecipe,
  { out, resume = false, baseDir = ".", signal, onPlan, onNote, onStep, onEvaluation }: TuneCheckpointOptions,
): Promise<TunedCheckpoint & { finished: boolean }> {
  checkFree(out, resume);
  const checkpoint = await readCheckpoint(path.resolve(baseDir, recipe.checkpoint));
  checkLength(checkpoint, recipe.length);
  if (recipe.lora) checkTargets(checkpoint, recipe.lora);
  const layout = trainedByStages(checkpoint, recipe);
  const examples = await readTrainingExamples(checkpoint, recipe, baseDir);
  for (const note of notes(examples)) onNote?.(note);
  const setOf = ({ dataset = recipe.data.dataset }: CheckpointStage) => examples.sets.get(dataset)!;
  const plans = recipe.stages.map((stage) =>
    planCheckpointStage(stage, { recipe, checkpoint, layout, set: setOf(stage) }),
  );
  for (const plan of plans) onPlan?.(plan);
  const trained = startWeights(checkpoint, layout, recipe.seed);
  const state = { ...trained, first: new Float32Array(layout.size), second: new Float32Array(layout.size) };
  const facts = runFacts(checkpoint, examples);
  const file = path.join(out, "checkpoint.safetensors");
  const hash = checkpointRecipeHash(recipe);
  let from: Progress = { stage: 0, step: 0 };
  if (resume) {
    from = await loadCheckpoint(file, layout, state, hash);
    await checkRun(out, facts);
  } else await writeRun(out, recipe, facts);
  const log = await openRunLog(
    out,
    recipe.stages.map(({ name }) => name),
    from,
  );
  const metrics = createMetrics(plans);
  let finished = true;
  for (let index = from.stage; index < recipe.stages.length && finished; index++) {
    const stage = recipe.stages[index]!;
    finished = await runStage({
      ...{ recipe, checkpoint, examples, state, log, signal },
      stage,
      index,
      firstStep: index === from.stage ? from.step : 0,
      set: setOf(stage),
      isNew: index === 0 || setOf(stage) !== setOf(recipe.stages[index - 1]!),
      save: (next) => saveCheckpoint(file, layout, state, { ...next, recipe: hash }),
      onStep(step) {
        metrics.step(step);
        onStep?.(step);
      },
      onEvaluation(evaluation) {
        metrics.evaluation(index, evaluation);
        onEvaluation?.(evaluation);
      },
    });
  }
  await log.flush();
  await writeMetrics(out, metrics.metrics(recipe.name, finished));
  return { finished, checkpoint, trained };
}

/** What was trained in a run that was finished or stopped. */
export async function loadTunedCheckpoint(
  out: string,
  recipe: CheckpointRecipe,
  baseDir = ".",
): Promise<TunedCheckpoint> {
  const checkpoint = await readCheckpoint(path.resolve(baseDir, recipe.checkpoint));
  const layout = trainedByStages(checkpoint, recipe);
  const flat = () => new Float32Array(layout.size);
  const state = { weights: flat(), first: flat(), second: flat() };
  await loadCheckpoint(path.join(out, "checkpoint.safetensors"), layout, state, checkpointRecipeHash(recipe));
  return { checkpoint, trained: { layout, weights: state.weights } };
}

function notes({ processor, sets }: TrainingExamples): string[] {
  const counts = [...sets].map(([name, { train, val, longest }]) => {
    return `${name}: ${train.length} conversations to learn, ${val.length} held out; the longest has ${longest} tokens`;
  });
  const split =
    "every picture is shown whole, as one square; it is not cut into parts as do_image_splitting would";
  return processor?.splits ? [...counts, split] : counts;
}

interface StageRun {
  recipe: CheckpointRecipe;
  checkpoint: Checkpoint;
  examples: TrainingExamples;
  set: ExampleSet;
  state: TrainedWeights & { first: Float32Array; second: Float32Array };
  stage: CheckpointStage;
  index: number;
  firstStep: number;
  /** The stage's held-out conversations were not asked before: it begins with an evaluation. */
  isNew: boolean;
  log: RunLog;
  signal: AbortSignal | undefined;
  save(next: Progress): Promise<void>;
  onStep(step: CheckpointStep): void;
  onEvaluation(evaluation: CheckpointEvaluation): void;
}

/** Runs the rest of a stage; false when it was stopped on the way. */
async function runStage(run: StageRun): Promise<boolean> {
  const { recipe, checkpoint, examples, set, state, stage, index, firstStep, isNew, log, signal } = run;
  const { lora, seed, threads = availableParallelism(), evaluation } = recipe;
  const { layout, weights, first, second } = state;
  const rate = ({ name }: Parameter) => checkpointRate(name, stage, lora !== undefined);
  const learning = layout.parameters.filter((parameter) => rate(parameter) > 0);
  // Adapters that do not learn drop nothing.
  const isAdapting = learning.some(({ name }) => name.includes(".lora_"));
  const dropping = lora && { ...lora, dropout: isAdapting ? lora.dropout : 0 };
  const names = new Set(learning.map(({ name }) => name));
  const session = await openGradients(checkpoint, {
    ...{ layout, weights, length: set.longest, lora: dropping, threads, recompute: stage.recompute },
    isTrained: (name) => names.has(name),
  });
  const { processor } = examples;
  const evaluator = await openEvaluator(checkpoint, state, { length: set.longest, lora, processor, threads });
  if (firstStep === 0) {
    first.fill(0);
    second.fill(0);
  }
  const next = shuffled(set.train, seed, stage.name);
  const gradient = stage.accumulate > 1 ? new Float32Array(layout.size) : session.gradient;
  const slices = learning.map((parameter) => {
    const [w, m, v, g] = [weights, first, second, gradient].map((flat) => viewOf(flat, parameter));
    const weightDecay = parameter.shape.length > 1 ? stage.weightDecay : 0;
    return {
      slice: { weights: w!, first: m!, second: v!, gradient: g! },
      rate: rate(parameter),
      weightDecay,
    };
  });
  let step = firstStep;
  let stopped = signal?.aborted ?? false;
  try {
    if (stopped) await run.save({ stage: index, step });
    else if (step === 0 && isNew) await evaluate(0);
    while (step < stage.steps && !stopped) {
      await update(step);
      step++;
      if (step % evaluation.every === 0 || step === stage.steps) await evaluate(step);
      stopped = signal?.aborted ?? false;
      const ended = step === stage.steps;
      if (!stopped && !ended && step % recipe.checkpointEvery !== 0) continue;
      await log.flush();
      await run.save(ended ? { stage: index + 1, step: 0 } : { stage: index, step });
    }
  } finally {
    await session.dispose();
    await evaluator.dispose();
  }
  return step === stage.steps && !(stopped && index + 1 < recipe.stages.length);

  async function update(at: number): Promise<void> {
    const { batch, accumulate } = stage;
    const parts = Array.from({ length: accumulate }, (_, part) =>
      Array.from({ length: batch }, (_, b) => next((at * accumulate + part) * batch + b)),
    );
    const tokens = countLabels(parts.flat().map(({ labels }) => labels));
    let loss = 0;
    if (accumulate > 1) gradient.fill(0);
    for (const [part, some] of parts.entries()) {
      const rng = createRng("dropout", seed, index, at, part);
      loss += await session.run(batchOf(some, processor), { total: tokens, next: () => rng.next() });
      if (accumulate > 1) for (let i = 0; i < gradient.length; i++) gradient[i]! += session.gradient[i]!;
    }
    const seen = parts.flat().map(({ id }) => `"${id}"`);
    const which = `${seen.slice(0, 4).join(", ")}${seen.length > 4 ? ` and ${seen.length - 4} more` : ""}`;
    const norm = gradientNorm(
      gradient,
      checkpoint,
      `others in stage "${stage.name}", step ${at}, Samples ${which}`,
    );
    const learningRate = learningRateAt(at, { ...stage, peak: stage.learningRate });
    const gradientScale = Math.min(1, stage.clip / (norm + 1e-12));
    for (const { slice, rate: factor, weightDecay } of slices)
      adamwStep(slice, { step: at + 1, learningRate: factor * learningRate, weightDecay, gradientScale });
    const told = { step: at, loss, tokens, gradientNorm: norm, learningRate };
    log({ kind: "step", stage: stage.name, ...told });
    run.onStep({ stage: index, ...told });
  }

  async function evaluate(after: number): Promise<void> {
    const some = set.val.slice(0, evaluation.conversations);
    const { accuracy, overall, ...scores } = await evaluator.score(some, stage.batch);
    const told: CheckpointEvaluation = { stage: stage.name, step: after, ...scores, accuracy, overall };
    if (evaluation.blind && set.most.pictures > 0) {
      const blind = await evaluator.score(some, stage.batch, { hidden: true });
      told.blindLoss = blind.loss;
      for (const [type, share] of Object.entries(blind.accuracy)) accuracy[type]!.blind = share.accuracy;
      overall.blind = blind.overall.accuracy;
      told.overall.gain = overall.accuracy - overall.blind;
    }
    log({ kind: "evaluation", ...told });
    run.onEvaluation(told);
    if (evaluation.samples === 0) return;
    const { samples: wanted, sampleTokens: most } = evaluation;
    const asked = set.val.slice(0, wanted);
    const samples: SampleAnswer[] = await writeAnswers(checkpoint, state, asked, {
      ...examples,
      lora,
      most,
      threads,
    });
    log({ kind: "samples", stage: stage.name, step: after, samples });
  }
}
