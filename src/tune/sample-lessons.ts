// Lessons from a person's own pictures and questions.
import type { PictureSet } from "../data/picture-questions.ts";
import { InputError } from "../errors/index.ts";
import { createRng, type Rng } from "../util/rng.ts";
import { offerText } from "../util/tool-format.ts";
import type { Turn, TurnEncoder } from "./encode-turn.ts";
import { UNCLEAR } from "./packer.ts";
import type { SceneLesson } from "./scene-lessons.ts";

export interface SampleLessonOptions {
  split: "train" | "val";
  seed: number;
  /** Questions about a picture, at most. */
  questions: number;
  /** Share of the questions that have a rationale and are answered with it. */
  rationales: number;
  /** Questions that have a program of lines: how many are answered by it, and what tools are offered for it. */
  programs?: TaughtPrograms | undefined;
  /** Cells of a picture. */
  cells: number;
}

export interface TaughtPrograms {
  /** Share of the questions with a program. */
  share: number;
  /** Names of tools; those that a program uses are offered, and some of the others. */
  tools: readonly string[];
}

/** Makes lesson number `index`: all pictures of the split in a random order, again and again. */
export function makeSampleLesson(
  set: PictureSet,
  encoder: TurnEncoder,
  { split, seed, questions, rationales, programs, cells }: SampleLessonOptions,
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
    .map(({ type, question, answer, rationale, program }) => {
      const thought = rng.chance(rationales) ? rationale : undefined;
      if (programs && program !== undefined && rng.chance(programs.share))
        return {
          turn: programTurn(encoder, question, program, programs, rng),
          question,
          type: `${type} with program`,
        };
      const turn = encoder.turn(question, answer, thought);
      return { turn, question, type: thought ? `${type} with rationale` : type };
    });
  const bytes = set.pixels.byteLength / (set.train.length + set.val.length);
  return {
    pixels: new Uint8Array(set.pixels, picture * bytes, bytes),
    // What the cells of a person's picture show is not known.
    cells: new Int8Array(cells).fill(UNCLEAR),
    turns: asked.map(({ turn }) => turn),
    questions: asked.map(({ question }) => question),
    types: asked.map(({ type }) => type),
    conversation: false,
  };
}

/** A question with tools on offer, answered by a program. */
function programTurn(
  encoder: TurnEncoder,
  question: string,
  program: string,
  { tools }: TaughtPrograms,
  rng: Rng,
): Turn {
  const used = toolsIn(program);
  const others = rng.shuffle(tools.filter((name) => !used.includes(name)));
  const offered = [...used, ...others.slice(0, rng.int(others.length + 1))];
  return encoder.toolTurns(question, { offer: offerText("program", rng.shuffle(offered)), end: program })[0]!;
}

/** Names of the tools that a program of lines calls. */
function toolsIn(program: string): string[] {
  return [...new Set([...program.matchAll(/^[A-Z]+=([a-z]\w*)\(/gm)].map(([, name]) => name!))];
}

/** Refuses a set with a question and answer that the packed batch has no room for, or a program whose tools are not offered. */
export function checkFits(
  set: PictureSet,
  encoder: TurnEncoder,
  { slots, rows }: { slots: number; rows: number },
  programs?: TaughtPrograms,
): void {
  for (const { questions } of [...set.train, ...set.val])
    for (const { question, answer, rationale, program } of questions) {
      const where = `question "${question.slice(0, 60)}"`;
      const turns = [encoder.turn(question, answer, rationale)];
      if (programs && program !== undefined) {
        const missing = toolsIn(program).find((name) => !programs.tools.includes(name));
        if (missing !== undefined)
          throw new InputError({
            where,
            rule: "programs.tools must name the tools of its program",
            got: `no "${missing}"`,
          });
        const offer = offerText("program", programs.tools);
        turns.push(...encoder.toolTurns(question, { offer, end: program }));
      }
      for (const turn of turns) {
        const tokens = turn.question.length + turn.response.length;
        if (tokens <= slots && turn.response.length <= rows) continue;
        throw new InputError({
          where,
          rule: `must fit pack.slots (${slots}) and its response pack.rows (${rows})`,
          got: `${tokens} tokens, ${turn.response.length} in the response`,
          hint: "Raise pack in the recipe, or shorten the text.",
        });
      }
    }
}
