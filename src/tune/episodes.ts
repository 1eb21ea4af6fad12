// In-context episodes: several pictures in a row, each with a question and its answer, in the layout of a conversation.
// In most of them the answers are letters of groups or made-up names that stand for things (or for whole categories) in this
// episode only, so that they can be known from the pictures before and from nowhere else; in a plain one the usual answers
// hold, so that examples alone do not change what a question means.
import {
  categories,
  concepts,
  drawMadeUpName,
  makeScene,
  type Scene,
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

/** Shares of episodes by what their answers are; the rest is plain. */
const groupShare = 0.6;
const nameShare = 0.2;
/** Share of training pictures that repeat an earlier one of their episode: looking it up is learned from these first. */
const repeatShare = 0.2;

const groupQuestions = ["Which group is this?", "Which group does this belong to?", "What group fits?"];
const groupLetters = [..."ABCDEFGH"];
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
  const drawn = rng.next();
  if (drawn >= groupShare + nameShare) return plainEpisode(world, encoder, options, index, rng);
  return boundEpisode(world, encoder, options, index, { kind: drawn < groupShare ? "group" : "name", rng });
}

/** An episode whose answers are bound to things by its own pictures only. */
function boundEpisode(
  world: World,
  encoder: TurnEncoder,
  { split, seed, pictures }: EpisodeOptions,
  index: number,
  { kind, rng }: { kind: "group" | "name"; rng: Rng },
): SceneLesson[] {
  // What an answer stands for: one concept, or any of a category.
  const wide = rng.chance(0.5);
  const all = wide
    ? categories.map((category) =>
        concepts.flatMap((concept, i) => (concept.category === category ? [i] : [])),
      )
    : concepts.map((_, i) => [i]);
  const meanings = rng.shuffle(all).slice(0, 2 + rng.int(2));
  const answers = kind === "group" ? rng.shuffle([...groupLetters]) : drawNames(split, meanings.length, rng);
  const question = rng.pick(kind === "group" ? groupQuestions : nameQuestions);
  const shown: { which: number; scene: Scene }[] = [];
  return Array.from({ length: pictures }, (_, k) => {
    const again = split === "train" && k > 0 && rng.chance(repeatShare) ? rng.pick(shown) : undefined;
    const which = again?.which ?? rng.int(meanings.length);
    const content = { kind: "single" as const, concepts: [rng.pick(meanings[which]!)] };
    const scene = again?.scene ?? makeScene(world, { split, seed, index: index * pictures + k, content });
    const known = shown.some((earlier) => earlier.which === which);
    shown.push({ which, scene });
    return {
      pixels: scene.pixels,
      ...groundTruth(scene),
      turns: [{ ...encoder.turn(question, answers[which]!), context: !known }],
      questions: [question],
      types: [`${kind} from examples${wide ? " of a category" : ""}`],
      conversation: true,
    };
  });
}

function drawNames(split: "train" | "val", count: number, rng: Rng): string[] {
  const names = new Set<string>();
  while (names.size < count) names.add(drawMadeUpName(split, rng));
  return [...names];
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
