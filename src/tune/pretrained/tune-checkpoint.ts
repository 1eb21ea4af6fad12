// A training run on a checkpoint of the Hugging Face layout, from a recipe: everything is read and checked, then the stages are run
// one after another. The run's folder holds all that is needed to go on with it at any time.
import path from "node:path";
import { loadCheckpoint, type Progress, saveCheckpoint } from "../checkpoint.ts";
import { openEarlyStop } from "../early-stop.ts";
import { createMetrics, writeMetrics } from "../training-metrics.ts";
import type { StagePlan } from "../training-plan.ts";
import { type CheckpointRecipe, type CheckpointStage, checkpointRecipeHash } from "./checkpoint-recipe.ts";
import { checkLength, checkTargets, startWeights, type TrainedWeights } from "./gradients.ts";
import { planCheckpointStage, trainedByStages } from "./plan-checkpoint.ts";
import { type Checkpoint, readCheckpoint } from "./read-checkpoint.ts";
import { checkFree, checkRun, openRunLog, runFacts, writeRun } from "./run-folder.ts";
import { type CheckpointEvaluation, type CheckpointStep, runStage } from "./train-stage.ts";
import { readTrainingExamples, type TrainingExamples } from "./training-examples.ts";

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
  try {
    for (let index = from.stage; index < recipe.stages.length && finished; index++) {
      const stage = recipe.stages[index]!;
      const firstStep = index === from.stage ? from.step : 0;
      const judge =
        stage.earlyStop &&
        (await openEarlyStop(
          {
            ...{ file: path.join(out, "best.safetensors"), layout, recipe: hash, stage: index },
            ...{ patience: stage.earlyStop.patience, every: recipe.evaluation.every },
          },
          firstStep,
        ));
      finished = await runStage({
        ...{ recipe, checkpoint, examples, state, log, judge, signal },
        ...{ stage, index, firstStep },
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
        onBest: (best) => metrics.best(best),
      });
    }
  } finally {
    // Also of a run that failed: who goes on from it must find the log at rest.
    await log.flush();
  }
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

/** What a person should know of the data, and one conversation as it is learned. */
function notes({ encoder, processor, sets }: TrainingExamples): string[] {
  const told = [...sets].flatMap(([name, { train, val, longest }]) => {
    const shown = encoder.show(train[0]!);
    const half = MOST_SHOWN / 2;
    const start = shown.length > MOST_SHOWN ? `${shown.slice(0, half)} … ${shown.slice(-half)}` : shown;
    return [
      `${name}: ${train.length} conversations to learn, ${val.length} held out; the longest has ${longest} tokens`,
      `the first one, with what is learned between « and »: ${start}`,
    ];
  });
  const most = Math.max(...[...sets.values()].map((set) => set.most.pictures));
  const cut = `pictures are shown in parts and whole, up to ${most} squares in a conversation; data.splitting: false shows one square each`;
  return processor?.splits ? [...told, cut] : told;
}

/** Characters of a conversation that is shown; of a longer one its start and its end, behind the marks of its pictures. */
const MOST_SHOWN = 800;
