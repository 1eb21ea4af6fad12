// The kinds of step that a stage is made of: a kind of lessons with its graphs and tensors.
import { assert } from "../errors/index.ts";
import { openSession, type Session, type Tensors } from "../onnx/index.ts";
import { createDropout, type Dropout } from "./dropout.ts";
import { type LessonKind, lessonKinds, type StepData } from "./lesson-kinds.ts";
import { rateOf } from "./rates.ts";
import type { Stage } from "./recipe.ts";
import { cellClassTokens, numberTokens } from "./scene-lessons.ts";
import { buildEvaluationStep, buildTrainingStep, type LossOptions } from "./training-graph.ts";

/** The graphs and tensors of one kind of step. */
export interface StepKind extends LessonKind {
  trained: string[];
  session: Session;
  evaluator: Session;
  dropout: Dropout;
}

/** Opens the steps of a stage, one for each of its kinds of lessons. */
export async function openSteps(data: StepData, stage: Stage): Promise<StepKind[]> {
  const steps: StepKind[] = [];
  for (const kind of lessonKinds(data, stage)) steps.push(await openStep(data, stage, kind));
  return steps;
}

async function openStep({ recipe, encoder }: StepData, stage: Stage, kind: LessonKind): Promise<StepKind> {
  const losses: LossOptions = {
    objective: stage.objective,
    sizes: kind.sizes,
    cellClasses: cellClassTokens(encoder),
    groundWeight: stage.groundWeight,
    ordinals: stage.ordinalWeight
      ? { weight: stage.ordinalWeight, numbers: numberTokens(encoder) }
      : undefined,
  };
  const lora = recipe.lora;
  const isTrained = (name: string) => rateOf(name, stage, { lora: lora !== undefined }) > 0;
  const { model, trained, masks } = buildTrainingStep(recipe.model, losses, {
    isTrained,
    lora,
    recompute: stage.recompute,
  });
  const session = await openSession(model, { name: "tune.step" });
  const evaluator = await openSession(buildEvaluationStep(recipe.model, losses, { lora }).model, {
    name: "tune.evaluate",
  });
  const dropout = createDropout(masks, { batchSize: kind.batchSize, rate: lora?.dropout ?? 0 });
  return { ...kind, trained, session, evaluator, dropout };
}

/** Those of the tensors that a session takes. */
export function pickInputs(tensors: Tensors, session: Session): Tensors {
  const wanted = session.inputNames.filter((name) => name in tensors);
  assert(wanted.length > 0, "tune.worker", "the step must have inputs");
  return Object.fromEntries(wanted.map((name) => [name, tensors[name]!]));
}
