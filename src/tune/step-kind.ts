// The kinds of step that a stage is made of, each with its graphs, its tensors and where its lessons come from.
import type { PictureSet } from "../data/picture-questions.ts";
import type { World } from "../data/scenes/index.ts";
import { assert } from "../errors/index.ts";
import { openSession, type Session, type Tensors } from "../onnx/index.ts";
import { createDropout, type Dropout } from "./dropout.ts";
import type { TurnEncoder } from "./encode-turn.ts";
import { makeEpisode } from "./episodes.ts";
import { gridCells } from "./model-config.ts";
import { type Batch, createBatch, type PlacedTurn } from "./packer.ts";
import { rateOf } from "./rates.ts";
import type { Recipe, Stage } from "./recipe.ts";
import { makeSampleLesson } from "./sample-lessons.ts";
import { backgroundClass, cellClassTokens, makeLesson, type SceneLesson } from "./scene-lessons.ts";
import {
  buildEvaluationStep,
  buildTrainingStep,
  type LossOptions,
  type PackSizes,
} from "./training-graph.ts";

/** What lessons are made from. */
export interface StepData {
  recipe: Recipe;
  encoder: TurnEncoder;
  /** The generated world, when the recipe draws from it. */
  world: World | undefined;
  own: PictureSet | undefined;
}

/** One picture with its questions: of the person's own, or of the generated world. */
function pictureLesson(
  { recipe, encoder, world, own }: StepData,
  split: "train" | "val",
  index: number,
): SceneLesson {
  const options = { split, seed: recipe.seed, ...recipe.data };
  const share = recipe.data.own?.share ?? 0;
  // Every so many pictures is one's own, and its number counts one's own only: none is shown twice as often.
  const before = Math.floor(index * share);
  const isOwn = own !== undefined && Math.floor((index + 1) * share) > before;
  if (!isOwn) return makeLesson(world!, encoder, options, index);
  return makeSampleLesson(
    own!,
    encoder,
    {
      ...options,
      programs: recipe.data.own?.programs,
      cells: gridCells(recipe.model),
    },
    before,
  );
}

export type LessonSource = (split: "train" | "val", first: number, count: number) => SceneLesson[];

/** The graphs and tensors of one kind of step. */
export interface StepKind {
  trained: string[];
  session: Session;
  evaluator: Session;
  batch: Batch;
  sizes: PackSizes;
  dropout: Dropout;
  /** Makes lessons, from the `first` on. */
  lessons: LessonSource;
  /** Fills the batch with its lessons number `index`. */
  fill(split: "train" | "val", index: number): { asked: SceneLesson[]; placed: PlacedTurn[] };
}

async function openStep(
  { recipe, encoder }: StepData,
  stage: Stage,
  sizes: PackSizes,
  { batchSize, lessons }: { batchSize: number; lessons: LessonSource },
): Promise<StepKind> {
  const losses: LossOptions = {
    objective: stage.objective,
    sizes,
    cellClasses: cellClassTokens(encoder),
    groundWeight: stage.groundWeight,
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
  const batch = createBatch(recipe.model, sizes, { batchSize, backgroundClass });
  const fill: StepKind["fill"] = (split, index) => {
    const asked = lessons(split, index * batchSize, batchSize);
    return { asked, placed: batch.fill(asked) };
  };
  const dropout = createDropout(masks, { batchSize, rate: lora?.dropout ?? 0 });
  return { trained, session, evaluator, batch, sizes, fill, dropout, lessons };
}

/** Those of the tensors that a session takes. */
export function pickInputs(tensors: Tensors, session: Session): Tensors {
  const wanted = session.inputNames.filter((name) => name in tensors);
  assert(wanted.length > 0, "tune.worker", "the step must have inputs");
  return Object.fromEntries(wanted.map((name) => [name, tensors[name]!]));
}

/** The step that packs questions behind single pictures. */
export function openPacked(data: StepData, stage: Stage): Promise<StepKind> {
  const lessons: LessonSource = (split, first, count) =>
    Array.from({ length: count }, (_, i) => pictureLesson(data, split, first + i));
  return openStep(data, stage, data.recipe.pack, { batchSize: stage.batch, lessons });
}

/** The step of in-context episodes, where the recipe has them and the stage answers questions. */
export async function openEpisodes(data: StepData, stage: Stage): Promise<StepKind | undefined> {
  const { recipe, encoder, world } = data;
  if (!recipe.episodes || stage.objective !== "answer") return undefined;
  const { pictures, sequences, slots, rows } = recipe.episodes;
  const lessons: LessonSource = (split, first, count) => {
    const options = { split, seed: recipe.seed, pictures, slots };
    return Array.from({ length: count }, (_, i) => makeEpisode(world!, encoder, options, first + i)).flat();
  };
  return openStep(data, stage, { slots, rows, pictures }, { batchSize: sequences, lessons });
}

/** Spreads this share of the steps evenly. */
export function isEpisodeStep(step: number, share: number): boolean {
  return Math.floor((step + 1) * share) > Math.floor(step * share);
}
