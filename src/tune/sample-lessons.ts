// Lessons from a person's own pictures and questions.
import type { PictureSet } from "../data/picture-questions.ts";
import { InputError } from "../errors/index.ts";
import { createRng } from "../util/rng.ts";
import type { TurnEncoder } from "./encode-turn.ts";
import { UNCLEAR } from "./packer.ts";
import type { SceneLesson } from "./scene-lessons.ts";

export interface SampleLessonOptions {
  split: "train" | "val";
  seed: number;
  /** Questions about a picture, at most. */
  questions: number;
  /** Share of the questions that have a rationale and are answered with it. */
  rationales: number;
  /** Cells of a picture. */
  cells: number;
}

/** Makes lesson number `index`: all pictures of the split in a random order, again and again. */
export function makeSampleLesson(
  set: PictureSet,
  encoder: TurnEncoder,
  { split, seed, questions, rationales, cells }: SampleLessonOptions,
  index: number,
): SceneLesson {
  const pictures = set[split];
  const round = Math.floor(index / pictures.length);
  const order = createRng("order", split, seed, round).shuffle(pictures.map((_, i) => i));
  const { picture, questions: all } = pictures[order[index % pictures.length]!]!;
  const rng = createRng("sample-lesson", split, seed, index);
  const asked = rng
    .shuffle(all)
    .slice(0, questions)
    .map((question) => ({
      ...question,
      rationale: rng.chance(rationales) ? question.rationale : undefined,
    }));
  const bytes = set.pixels.byteLength / (set.train.length + set.val.length);
  return {
    pixels: new Uint8Array(set.pixels, picture * bytes, bytes),
    // What the cells of a person's picture show is not known.
    cells: new Int8Array(cells).fill(UNCLEAR),
    turns: asked.map(({ question, answer, rationale }) => encoder.turn(question, answer, rationale)),
    questions: asked.map(({ question }) => question),
    types: asked.map(({ type, rationale }) => (rationale ? `${type} with rationale` : type)),
    conversation: false,
  };
}

/** Refuses a set with a question and answer that the packed batch has no room for. */
export function checkFits(
  set: PictureSet,
  encoder: TurnEncoder,
  { slots, rows }: { slots: number; rows: number },
): void {
  for (const { questions } of [...set.train, ...set.val])
    for (const { question, answer, rationale } of questions) {
      const turn = encoder.turn(question, answer, rationale);
      const tokens = turn.question.length + turn.response.length;
      if (tokens <= slots && turn.response.length <= rows) continue;
      throw new InputError({
        where: `question "${question.slice(0, 60)}"`,
        rule: `must fit pack.slots (${slots}) and its response pack.rows (${rows})`,
        got: `${tokens} tokens, ${turn.response.length} in the response`,
        hint: "Raise pack in the recipe, or shorten the text.",
      });
    }
}
