// The kinds of lessons that a stage takes turns with: pictures with questions packed behind each, and in-context episodes. A kind
// says where its lessons come from and packs them into the tensors of one step; it knows nothing of graphs.
import type { PictureSet } from "../data/picture-questions.ts";
import type { World } from "../data/scenes/index.ts";
import type { TurnEncoder } from "./encode-turn.ts";
import { makeEpisode } from "./episodes.ts";
import { gridCells } from "./model-config.ts";
import { type Batch, createBatch, type PlacedTurn } from "./packer.ts";
import type { Recipe, Stage } from "./recipe.ts";
import { makeSampleLesson } from "./sample-lessons.ts";
import { backgroundClass, makeLesson, type SceneLesson } from "./scene-lessons.ts";
import type { PackSizes } from "./training-graph.ts";

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

/** One kind of lessons, with the batch that they are packed into. */
export interface LessonKind {
  sizes: PackSizes;
  /** Sequences of a batch. */
  batchSize: number;
  batch: Batch;
  /** Makes lessons, from the `first` on. */
  lessons: LessonSource;
  /** Fills the batch with its lessons number `index`. */
  fill(split: "train" | "val", index: number): { asked: SceneLesson[]; placed: PlacedTurn[] };
}

/** The kinds of a stage: packed pictures, then episodes where the recipe has them and the stage answers questions. */
export function lessonKinds(data: StepData, stage: Stage): LessonKind[] {
  const { recipe, encoder, world } = data;
  const packed = makeKind(recipe, recipe.pack, {
    batchSize: stage.batch,
    lessons: (split, first, count) =>
      Array.from({ length: count }, (_, i) => pictureLesson(data, split, first + i)),
  });
  if (!recipe.episodes || stage.objective !== "answer") return [packed];
  const { pictures, sequences, slots, rows } = recipe.episodes;
  const lessons: LessonSource = (split, first, count) => {
    const options = { split, seed: recipe.seed, pictures, slots };
    return Array.from({ length: count }, (_, i) => makeEpisode(world!, encoder, options, first + i)).flat();
  };
  return [packed, makeKind(recipe, { slots, rows, pictures }, { batchSize: sequences, lessons })];
}

function makeKind(
  { model }: Recipe,
  sizes: PackSizes,
  { batchSize, lessons }: Pick<LessonKind, "batchSize" | "lessons">,
): LessonKind {
  const batch = createBatch(model, sizes, { batchSize, backgroundClass });
  return {
    ...{ sizes, batchSize, batch, lessons },
    fill(split, index) {
      const asked = lessons(split, index * batchSize, batchSize);
      return { asked, placed: batch.fill(asked) };
    },
  };
}

/** Which of the kinds a step is of: the episodes have their share of the steps, evenly spread. */
export function kindAt<Kind>(step: number, kinds: readonly Kind[], { episodes }: Recipe): Kind {
  const [packed, other] = kinds as readonly [Kind, Kind?];
  return other !== undefined && isEpisodeStep(step, episodes!.share) ? other : packed;
}

/** Number of a worker's batch among all batches of its kind, so that no two are made of the same lessons. */
export function batchNumber(
  { stage, step, part, worker }: { stage: number; step: number; part: number; worker: number },
  { workers, stages }: Recipe,
): number {
  return ((stage * 1e6 + step) * workers + worker) * stages[stage]!.accumulate + part;
}

function isEpisodeStep(step: number, share: number): boolean {
  return Math.floor((step + 1) * share) > Math.floor(step * share);
}
