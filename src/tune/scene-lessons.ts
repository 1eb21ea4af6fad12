// Lessons from the generated world: a picture, what its cells show, and questions with answers. Everything follows
// from (split, seed, index), so any worker can make any lesson and a resumed run makes the same ones.

import {
  cellSize,
  cellsPerRow,
  concepts,
  lineProgramOf,
  makeScene,
  rationaleOf,
  type Scene,
  type SceneQuestion,
  type SceneSplit,
  sceneSize,
  type TaughtTool,
  type TrainedType,
  taughtTools,
  toolStepOf,
  trainQuestions,
  type World,
} from "../data/scenes/index.ts";
import type { Box } from "../spec/index.ts";
import { createRng, type Rng } from "../util/rng.ts";
import { callText, offerText, resultText, type ToolUse } from "../util/tool-format.ts";
import type { TaughtTrace, Turn, TurnEncoder } from "./encode-turn.ts";
import { ordinalCount } from "./ordinal-loss.ts";
import { type Lesson, type PlacedThing, UNCLEAR } from "./packer.ts";

/** Class of a cell that shows neither a thing nor a letter. */
export const backgroundClass = concepts.length + 26;

/** Cells that a thing covers by more pixels than this, but not enough to be labelled, are left out of the loss. */
const UNCLEAR_PIXELS = 20;

export interface LessonOptions {
  split: SceneSplit;
  seed: number;
  questions: number;
  /** Families of questions to ask. @default all */
  types?: readonly TrainedType[] | undefined;
  /** Share of the pictures that are also asked about what is not in them. @default 1 */
  negatives?: number | undefined;
  conversations: number;
  /** Share of the questions that are answered with a rationale first. */
  rationales: number;
  /** Other shares for some families. */
  rationalesOf?: Partial<Record<TrainedType, number>> | undefined;
  /** Share of the questions that are asked with tools on offer. @default 0 */
  tools?: number;
  /** Other names of tools, for every other question. @default their own */
  toolNames?: Partial<Record<TaughtTool, string>> | undefined;
}

/** A lesson with the questions as text and the type of each of its turns. */
export interface SceneLesson extends Lesson {
  questions: string[];
  types: string[];
}

/** Makes lesson number `index`. */
export function makeLesson(
  world: World,
  encoder: TurnEncoder,
  options: LessonOptions,
  index: number,
): SceneLesson {
  const { split, seed, questions, conversations, rationales, tools = 0, toolNames, ...asking } = options;
  const rationalesOf: Partial<Record<string, number>> = options.rationalesOf ?? {};
  const scene = makeScene(world, { split, seed, index });
  const rng = createRng("lesson", split, seed, index);
  const toolRng = createRng("tools", split, seed, index);
  let conversing = true;
  const turns = trainQuestions(scene, rng, questions, asking).flatMap((asked): TaughtTurn[] => {
    const { question, answer, type } = asked;
    if (toolRng.chance(tools)) {
      conversing = false;
      const way = toolRng.chance(0.3) && !toolNames ? "program" : "tools";
      // Every other question keeps the names that are known, or they would be forgotten.
      const names = toolNames && toolRng.chance(0.5) ? toolNames : undefined;
      const taught = encoder.toolTurns(question, traceOf(asked, scene, { way, names }, toolRng));
      return taught.map((turn) => ({ turn, question, type: `${type} with ${way}` }));
    }
    const rationale = rng.chance(rationalesOf[type] ?? rationales) ? rationaleOf(asked, scene) : undefined;
    const turn = encoder.turn(question, answer, rationale);
    return [{ turn, question, type: rationale ? `${type} with rationale` : type }];
  });
  return {
    pixels: scene.pixels,
    ...groundTruth(scene),
    turns: turns.map(({ turn }) => turn),
    questions: turns.map(({ question }) => question),
    types: turns.map(({ type }) => type),
    conversation: rng.chance(conversations) && conversing,
  };
}

interface TaughtTurn {
  turn: Turn;
  question: string;
  type: string;
}

/** Offers some of the tools, in any order, and answers the question with them. */
function traceOf(
  asked: SceneQuestion,
  scene: Scene,
  { way, names = {} }: { way: ToolUse; names?: LessonOptions["toolNames"] },
  rng: Rng,
): TaughtTrace {
  const some = rng.shuffle([...taughtTools]).slice(0, 1 + rng.int(taughtTools.length));
  if (way === "program") {
    const offered = some.includes("ask") ? some : [...some, "ask"];
    return { offer: offerText(way, offered), end: lineProgramOf(asked, offered) };
  }
  const step = toolStepOf(asked, scene, some);
  const named = (tool: TaughtTool) => names[tool] ?? tool;
  const call = step && { text: callText(named(step.name), step.input), result: resultText(step.result) };
  return { offer: offerText(way, some.map(named)), ...(call && { call }), end: asked.answer };
}

/** What is taught of a scene beside its questions: what its cells show, and where its things are. */
export function groundTruth({ cells, owner, objects }: Scene): Pick<Lesson, "cells" | "things"> {
  const things = objects.map(({ box, concept }) => ({ ...placeThing(box), concept }));
  const isUpTo = (thing: (typeof things)[number], index: number) => (other: typeof thing, i: number) =>
    other.concept === thing.concept && (other.cell < thing.cell || (other.cell === thing.cell && i <= index));
  return {
    cells: markUnclear(cells, owner),
    things: things.map((thing, index) => {
      const { cell, sides } = thing;
      return { cell, sides, ordinal: things.filter(isUpTo(thing, index)).length };
    }),
  };
}

function placeThing([left, top, right, bottom]: Box): PlacedThing {
  const cellOf = (middle: number) => Math.min(cellsPerRow - 1, Math.floor(middle / cellSize));
  const [column, row] = [cellOf((left + right) / 2), cellOf((top + bottom) / 2)];
  const [x, y] = [(column + 0.5) * cellSize, (row + 0.5) * cellSize];
  const sides = [x - left, y - top, right - x, bottom - y].map((pixels) => pixels / cellSize);
  return { cell: row * cellsPerRow + column, sides: sides as unknown as PlacedThing["sides"] };
}

/** The cells of a scene, those left out that show a little of a thing. */
function markUnclear(cells: Int16Array, owner: Int16Array): Int16Array {
  return cells.map((seen, cell) => {
    if (seen >= 0) return seen;
    const start = Math.floor(cell / cellsPerRow) * cellSize * sceneSize + (cell % cellsPerRow) * cellSize;
    let covered = 0;
    for (let y = 0; y < cellSize; y++) {
      for (let x = 0; x < cellSize; x++) if (owner[start + y * sceneSize + x]! >= 0) covered++;
    }
    return covered > UNCLEAR_PIXELS ? UNCLEAR : seen;
  });
}

/** What a cell can show, by class: concepts, letters A to Z, nothing. */
export const cellClassNames: readonly string[] = [
  ...concepts.map(({ name }) => name),
  ...Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i)),
  "nothing",
];

/** Tokens of the numbers that a thing's place among its kind is said with, "0" to "9". */
export function numberTokens(encoder: Pick<TurnEncoder, "text">): number[] {
  return Array.from({ length: ordinalCount }, (_, i) => encoder.text(String(i)).at(-1)!);
}

/** Token that names each cell class. The first token of a name stands for it. */
export function cellClassTokens(encoder: Pick<TurnEncoder, "text">): number[] {
  const names = concepts.map(({ name }) => encoder.text(name)[0]!);
  const letters = Array.from({ length: 26 }, (_, i) => encoder.text(String.fromCharCode(65 + i)).at(-1)!);
  return [...names, ...letters, encoder.text("nothing")[0]!];
}
