// The steps of a rationale as the report shows them, each with the regions of a picture that it names. Only what can be
// nothing else is taken for a region: four numbers from 0 to 1 in square brackets, left and top first, or the cells of a
// list as `tiny` writes it ("dog: 1 b3, 2 e5", "things: 1 dog b3", "b3: 1 dog"): the picture in seven rows and columns,
// a1 at the top left and g7 at the bottom right. "Vitamin b6" in a sentence is no region.
import { splitSteps } from "../../cot/index.ts";
import type { Box } from "../../spec/index.ts";

/** A part of a picture that a step names. */
export interface StepRegion {
  /** Which picture of the question, from 0. */
  picture: number;
  /** Corners `[x1, y1, x2, y2]` as shares of the picture's sides. */
  box: Box;
}

export interface ReportStep {
  text: string;
  regions?: StepRegion[];
}

/** Rows and columns of the grid whose cells are named. */
export const gridSides = 7;

const cell = /^[a-g][1-7]$/;
const number = String.raw`\s*([01]?\.\d+|[01])\s*`;
const box = new RegExp(`\\[${[number, number, number, number].join(",")}\\]`, "g");

/**
 * Takes a rationale apart.
 * @param pictures of the question. Of several, a step must say which one it means ("picture 2", "frame 2"), else what it
 *   names is not drawn anywhere.
 */
export function reportSteps(reasoning: string, pictures: number): ReportStep[] {
  const steps = splitSteps(reasoning);
  // Thoughts without a word, such as a row of full stops, are shown as they are.
  return (steps.length > 0 ? steps : [reasoning]).map((text) => {
    const picture = pictureOf(text, pictures);
    const boxes = picture === undefined ? [] : [...cellsOf(text), ...boxesOf(text)];
    return boxes.length > 0 ? { text, regions: boxes.map((box) => ({ picture: picture!, box })) } : { text };
  });
}

function pictureOf(text: string, pictures: number): number | undefined {
  if (pictures === 1) return 0;
  const named = [...text.matchAll(/\b(?:picture|image|frame|photo)\s*#?(\d{1,3})\b/gi)].map(([, n]) =>
    Number(n),
  );
  const isOne = named.length > 0 && named.every((n) => n === named[0]);
  return isOne && named[0]! >= 1 && named[0]! <= pictures ? named[0]! - 1 : undefined;
}

/** Cells of a list "label: 1 cell, 2 cell", where the label may be a cell and a name may stand before a cell. */
function cellsOf(text: string): Box[] {
  const [, label = "", list = ""] = /^([^:]{1,80}):\s*(.*?)\.?$/s.exec(text) ?? [];
  const items = list.split(",").map((item) => item.trim().split(/\s+/));
  const listed = items.filter((words) => words.length > 1 && /^\d{1,3}$/.test(words[0]!));
  const isList = list === "none" || listed.length === items.length;
  const names = [...(isList ? [label.trim()] : []), ...listed.map((words) => words.at(-1)!)];
  return names.filter((name) => cell.test(name)).map(cellBox);
}

function cellBox(name: string): Box {
  const [column, row] = [name.charCodeAt(0) - 97, Number(name[1]) - 1];
  return [column, row, column + 1, row + 1].map((at) => at / gridSides) as Box;
}

function boxesOf(text: string): Box[] {
  return [...text.matchAll(box)]
    .map((match) => match.slice(1).map(Number) as Box)
    .filter(([x1, y1, x2, y2]) => x1 < x2 && y1 < y2 && x2 <= 1 && y2 <= 1);
}
