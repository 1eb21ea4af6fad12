// In-context episodes: several pictures in a row, each with a question and its answer, in the layout of a conversation.
// In a naming episode the answers are made-up names that stand for things (or for whole categories) in this episode only,
// so that they can be known from the pictures before and from nowhere else; in a plain one the usual answers hold, so that
// examples alone do not change what a question means.
import {
  categories,
  concepts,
  drawMadeUpName,
  makeScene,
  trainQuestions,
  type World,
} from "../data/scenes/index.ts";
import { createRng, type Rng } from "../util/rng.ts";
import type { TurnEncoder } from "./encode-turn.ts";
import { groundTruth, type SceneLesson } from "./scene-lessons.ts";

export interface EpisodeOptions {
  split: "train" | "val";
  seed: number;
  /** Pictures of an episode. */
  pictures: number;
  /** Text tokens that one picture has room for. */
  slots: number;
}

/** Share of episodes whose answers are made-up names. */
const namingShare = 0.7;

/** The last two are also asked where no examples are given, and then mean the usual name. */
const nameQuestions = [
  "What is this called?",
  "Which name fits?",
  "What is this?",
  "What is in the picture?",
];

/** Makes episode number `index`: one lesson a picture. The same address gives the same episode. */
export function makeEpisode(
  world: World,
  encoder: TurnEncoder,
  options: EpisodeOptions,
  index: number,
): SceneLesson[] {
  const rng = createRng("episode", options.split, options.seed, index);
  return rng.chance(namingShare)
    ? namingEpisode(world, encoder, options, index, rng)
    : plainEpisode(world, encoder, options, index, rng);
}

function namingEpisode(
  world: World,
  encoder: TurnEncoder,
  { split, seed, pictures }: EpisodeOptions,
  index: number,
  rng: Rng,
): SceneLesson[] {
  // What a name stands for: one concept, or any of a category.
  const wide = rng.chance(0.3);
  const all = wide
    ? categories.map((category) =>
        concepts.flatMap((concept, i) => (concept.category === category ? [i] : [])),
      )
    : concepts.map((_, i) => [i]);
  const meanings = rng.shuffle(all).slice(0, 2 + rng.int(3));
  const names: string[] = [];
  while (names.length < meanings.length) {
    const name = drawMadeUpName(split, rng);
    if (!names.includes(name)) names.push(name);
  }
  const question = rng.pick(nameQuestions);
  const shown = new Set<number>();
  return Array.from({ length: pictures }, (_, k) => {
    const which = rng.int(meanings.length);
    const content = { kind: "single" as const, concepts: [rng.pick(meanings[which]!)] };
    const scene = makeScene(world, { split, seed, index: index * pictures + k, content });
    const known = shown.has(which);
    shown.add(which);
    return {
      pixels: scene.pixels,
      ...groundTruth(scene),
      turns: [{ ...encoder.turn(question, names[which]!), context: !known }],
      questions: [question],
      types: [wide ? "rule from examples" : "name from examples"],
      conversation: true,
    };
  });
}

function plainEpisode(
  world: World,
  encoder: TurnEncoder,
  { split, seed, pictures, slots }: EpisodeOptions,
  index: number,
  rng: Rng,
): SceneLesson[] {
  return Array.from({ length: pictures }, (_, k) => {
    const scene = makeScene(world, { split, seed, index: index * pictures + k });
    const fitting = trainQuestions(scene, rng, 4)
      .map(({ type, question, answer }) => ({ type, question, turn: encoder.turn(question, answer) }))
      .filter(({ turn }) => turn.question.length + turn.response.length <= slots);
    const asked = fitting.slice(0, 1);
    return {
      pixels: scene.pixels,
      ...groundTruth(scene),
      turns: asked.map(({ turn }) => turn),
      questions: asked.map(({ question }) => question),
      types: asked.map(({ type }) => `${type} after others`),
      conversation: true,
    };
  });
}
