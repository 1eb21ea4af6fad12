// What is true of a drawn picture, read off the map that says which thing shows at every pixel.
import type { Box } from "../../spec/index.ts";
import { type Canvas, nobody, sceneSize } from "./canvas.ts";
import { concepts } from "./concepts.ts";
import { firstLetterOwner, type Sign } from "./sign.ts";
import type { ArtSet } from "./splits.ts";

/** Side of a grounding cell of a standard picture in pixels, and cells in a row of any picture. */
export const cellSize = 16;
export const cellsPerRow = sceneSize / cellSize;

/** A thing in a picture. */
export interface SceneObject {
  /** Index in `concepts`. */
  concept: number;
  style: ArtSet;
  /** Tight around what is visible, in pixels. */
  box: Box;
  center: [number, number];
  /** Visible share of its pixels. */
  visible: number;
}

/** A word in a picture. */
export interface SceneWord {
  text: string;
  box: Box;
  letters: { char: string; box: Box; center: [number, number] }[];
}

/** What is visible of one thing. */
export interface Extent {
  box: Box;
  pixels: number;
}

/** Tight boxes and sizes of what is visible. */
export function measureOwners(
  { owner, size }: Pick<Canvas, "owner" | "size">,
  objectCount: number,
  letterCount: number,
): { objects: Extent[]; letters: Extent[] } {
  const empty = (): Extent => ({ box: [size, size, 0, 0], pixels: 0 });
  const objects = Array.from({ length: objectCount }, empty);
  const letters = Array.from({ length: letterCount }, empty);
  for (let y = 0, i = 0; y < size; y++)
    for (let x = 0; x < size; x++, i++) {
      const who = owner[i]!;
      if (who === nobody) continue;
      const extent = who < firstLetterOwner ? objects[who]! : letters[who - firstLetterOwner]!;
      const { box } = extent;
      if (x < box[0]) box[0] = x;
      if (y < box[1]) box[1] = y;
      if (x >= box[2]) box[2] = x + 1;
      if (y >= box[3]) box[3] = y + 1;
      extent.pixels++;
    }
  return { objects, letters };
}

/** The word with the boxes that were measured. */
export function wordTruth(sign: Sign, boxes: Box[]): SceneWord {
  return {
    text: sign.text,
    box: [
      Math.min(...boxes.map((b) => b[0])),
      Math.min(...boxes.map((b) => b[1])),
      Math.max(...boxes.map((b) => b[2])),
      Math.max(...boxes.map((b) => b[3])),
    ],
    letters: sign.letters.map(({ char, x, y }, i) => ({ char, box: boxes[i]!, center: [x, y] })),
  };
}

/** What each cell of the picture shows; see `Scene.cells`. */
export function groundCells(
  { owner, size }: Pick<Canvas, "owner" | "size">,
  objects: SceneObject[],
  word: SceneWord | undefined,
): Int16Array {
  const cells = new Int16Array(cellsPerRow * cellsPerRow).fill(nobody);
  const counts = new Int32Array(objects.length);
  const side = size / cellsPerRow;
  for (let cell = 0; cell < cells.length; cell++) {
    counts.fill(0);
    const start = Math.floor(cell / cellsPerRow) * side * size + (cell % cellsPerRow) * side;
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const who = owner[start + y * size + x]!;
        if (who >= 0 && who < objects.length) counts[who]!++;
      }
    let best = side * side * 0.25;
    for (let k = 0; k < objects.length; k++)
      if (counts[k]! >= best && (cells[cell] === nobody || counts[k]! > best)) {
        best = counts[k]!;
        cells[cell] = objects[k]!.concept;
      }
  }
  // Where letters stand closer than cells, a cell with several of them shows none in particular.
  const taken = new Set<number>();
  for (const { char, center } of word?.letters ?? []) {
    const cell = Math.floor(center[1] / side) * cellsPerRow + Math.floor(center[0] / side);
    cells[cell] = taken.has(cell) ? nobody : concepts.length + char.charCodeAt(0) - 65;
    taken.add(cell);
  }
  return cells;
}
