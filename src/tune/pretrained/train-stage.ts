// One stage of a run on a checkpoint. Which conversations a step sees and what dropout drops follows from the step's number, so a run
// that was stopped goes on along the same curve. Optimiser: AdamW on clipped gradients.
import { availableParallelism } from "node:os";
import { createRng } from "../../util/rng.ts";
import { adamwStep } from "../adamw.ts";
import type { Progress } from "../checkpoint.ts";
import type { EarlyStop } from "../early-stop.ts";
import { isAdapter } from "../lora.ts";
import { type Parameter, viewOf } from "../parameters.ts";
import { learningRateAt } from "../schedule.ts";
import type { Evaluation } from "../train.ts";
import type { BestReport } from "../worker.ts";
import { batchesOf } from "./batch-order.ts";
import type { CheckpointRecipe, CheckpointStage } from "./checkpoint-recipe.ts";
import { openEvaluator, writeAnswers } from "./evaluate-checkpoint.ts";
import { gradientNorm, openGradients, type TrainedWeights } from "./gradients.ts";
import { openBuckets } from "./length-buckets.ts";
import { checkpointRate } from "./parts.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import type { RunLog } from "./run-folder.ts";
import { countLabels } from "./training-batch.ts";
import { batchOf, type ExampleSet, type TrainingExamples } from "./training-examples.ts";

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

export interface StageRun {
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
  /** Decides when a stage with `earlyStop` ends. */
  judge: EarlyStop | undefined;
  signal: AbortSignal | undefined;
  save(next: Progress): Promise<void>;
  onStep(step: CheckpointStep): void;
  onEvaluation(evaluation: CheckpointEvaluation): void;
  onBest(best: BestReport): void;
}

/** Runs the rest of a stage; false when it was stopped on the way. */
export async function runStage(run: StageRun): Promise<boolean> {
  const { recipe, checkpoint, examples, set, state, stage, index, firstStep, isNew, log, judge, signal } =
    run;
  const { lora, seed, threads = availableParallelism(), evaluation } = recipe;
  const { layout, weights, first, second } = state;
  const rate = ({ name }: Parameter) => checkpointRate(name, stage, lora !== undefined);
  const learning = layout.parameters.filter((parameter) => rate(parameter) > 0);
  // Adapters that do not learn drop nothing.
  const isAdapting = learning.some(({ name }) => isAdapter(name));
  const dropping = lora && { ...lora, dropout: isAdapting ? lora.dropout : 0 };
  const names = new Set(learning.map(({ name }) => name));
  const open = stage.groupByLength ? openBuckets : openGradients;
  const session = await open(checkpoint, {
    ...{ layout, weights, length: set.longest, lora: dropping, threads },
    ...{ recompute: stage.recompute, packed: stage.packing },
    isTrained: (name) => names.has(name),
  });
  const { processor } = examples;
  const evaluator = await openEvaluator(checkpoint, state, { length: set.longest, lora, processor, threads });
  if (firstStep === 0) {
    first.fill(0);
    second.fill(0);
  }
  const order = { size: stage.batch, byLength: stage.groupByLength };
  const batchAt = batchesOf(set.train, order, seed, stage.name);
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
  let ended = false;
  try {
    if (stopped) await run.save({ stage: index, step });
    else if (step === 0 && isNew) await evaluate(0);
    while (step < stage.steps && !stopped && !ended) {
      await update(step);
      step++;
      const isLast = step === stage.steps;
      if (step % evaluation.every === 0 || isLast) ended = await evaluate(step);
      stopped = signal?.aborted ?? false;
      ended ||= isLast;
      if (ended) keepBest();
      if (!stopped && !ended && step % recipe.checkpointEvery !== 0) continue;
      await log.flush();
      await run.save(ended ? { stage: index + 1, step: 0 } : { stage: index, step });
    }
  } finally {
    await session.dispose();
    await evaluator.dispose();
  }
  return ended && !(stopped && index + 1 < recipe.stages.length);

  function keepBest(): void {
    if (!judge?.best) return;
    judge.restore(weights);
    const { step: best, accuracy } = judge.best;
    const told = { step, best, accuracy };
    log({ kind: "best", stage: stage.name, ...told });
    run.onBest({ kind: "best", stage: index, ...told });
  }

  async function update(at: number): Promise<void> {
    const { accumulate } = stage;
    const parts = Array.from({ length: accumulate }, (_, part) => batchAt(at * accumulate + part));
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

  /** Asks what is held out; true when that was the last evaluation that the stage waits for. */
  async function evaluate(after: number): Promise<boolean> {
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
    const { samples: wanted, sampleTokens: most } = evaluation;
    if (wanted > 0) {
      const asked = set.val.slice(0, wanted);
      const samples = await writeAnswers(checkpoint, state, asked, { ...examples, lora, most, threads });
      log({ kind: "samples", stage: stage.name, step: after, samples });
    }
    // The evaluation before the first step is of another stage's weights.
    return after > 0 && (await judge?.see(after, told.tokenAccuracy, weights)) === true;
  }
}
