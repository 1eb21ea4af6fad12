// From cells to things: cells that touch and show the same class are one thing, with a box around them. Two equal things
// that touch would be one; a patch of cells that is clearly longer than it is wide is cut in the middle, which finds more
// of the pairs than it halves of the long things (measured on scenes:val, see docs/vision-tools.md).
import type { Box } from "../../spec/index.ts";
import type { Grounding } from "./grounder.ts";

/** A thing that was found. */
export interface FoundThing {
  name: string;
  /** In pixels of the picture. */
  box: Box;
  /** Mean share of its cells that show it, 0 to 1. */
  score: number;
}

/** Things of fewer cells, or with a lower score, are left out. */
const minCells = 2;
const minScore = 0.35;
/** Standard deviation along over across, from which on a patch of cells is two things. */
const longRatio = 2;
/** Each half of a cut must have this many cells. */
const minHalf = 3;

/** Finds the things of a grounded picture, the surest first. Letters are no things. */
export function findThings(grounding: Grounding): FoundThing[] {
  const { side, shares } = grounding.cells;
  const { names } = grounding;
  const shown = Array.from({ length: side * side }, (_, cell) => {
    const row = shares.subarray(cell * names.length, (cell + 1) * names.length);
    const best = row.reduce((at, share, c) => (share > row[at]! ? c : at), 0);
    return best === names.length - 1 || isLetter(names[best]!) ? undefined : best;
  });
  const scoreOf = (cells: number[], c: number) =>
    cells.reduce((sum, cell) => sum + shares[cell * names.length + c]!, 0) / cells.length;
  return connected(shown, side)
    .map((cells) => ({ cells, c: shown[cells[0]!]! }))
    .filter(({ cells, c }) => cells.length >= minCells && scoreOf(cells, c) >= minScore)
    .flatMap(({ cells, c }) => cutLong(cells, side).map((part) => ({ cells: part, c })))
    .map(({ cells, c }) => ({ name: names[c]!, box: boxOf(cells, grounding), score: scoreOf(cells, c) }))
    .sort((a, b) => b.score - a.score);
}

/** True for the name of a letter class. */
export function isLetter(name: string): boolean {
  return /^[A-Z]$/.test(name);
}

/** Groups of cells of one class that touch along an edge. */
function connected(shown: readonly (number | undefined)[], side: number): number[][] {
  const seen = new Set<number>();
  const groups: number[][] = [];
  for (const [start, c] of shown.entries()) {
    if (c === undefined || seen.has(start)) continue;
    seen.add(start);
    const group = [start];
    for (const cell of group) {
      const x = cell % side;
      const beside = [
        ...(x > 0 ? [cell - 1] : []),
        ...(x < side - 1 ? [cell + 1] : []),
        cell - side,
        cell + side,
      ];
      for (const next of beside) {
        if (shown[next] !== c || seen.has(next)) continue;
        seen.add(next);
        group.push(next);
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Cuts a group of cells across its long axis until no part is long. */
function cutLong(cells: number[], side: number): number[][] {
  const points = cells.map((cell) => [cell % side, Math.floor(cell / side)] as const);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / cells.length;
  const mx = mean(points.map(([x]) => x));
  const my = mean(points.map(([, y]) => y));
  // A cell is itself one wide: 1/12 is the variance of a unit square.
  const xx = mean(points.map(([x]) => (x - mx) ** 2)) + 1 / 12;
  const yy = mean(points.map(([, y]) => (y - my) ** 2)) + 1 / 12;
  const xy = mean(points.map(([x, y]) => (x - mx) * (y - my)));
  const spread = Math.hypot((xx - yy) / 2, xy);
  const [along, across] = [(xx + yy) / 2 + spread, (xx + yy) / 2 - spread];
  if (along < longRatio ** 2 * across) return [cells];
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const isFirst = points.map(([x, y]) => (x - mx) * Math.cos(angle) + (y - my) * Math.sin(angle) < 0);
  const halves = [true, false].map((first) => cells.filter((_, i) => isFirst[i] === first));
  if (halves.some(({ length }) => length < minHalf)) return [cells];
  return halves.flatMap((half) => cutLong(half, side));
}

function boxOf(cells: number[], grounding: Grounding): Box {
  const { side } = grounding.cells;
  const xs = cells.map((cell) => cell % side);
  const ys = cells.map((cell) => Math.floor(cell / side));
  const around: Box = [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
  return squareToPicture(around, side, grounding);
}

/** A box in cells of the square that the model saw, as a box in pixels of the picture inside it. */
export function squareToPicture(
  box: Box,
  side: number,
  { width, height }: Pick<Grounding, "width" | "height">,
): Box {
  const longest = Math.max(width, height);
  const bars = [(longest - width) / 2, (longest - height) / 2] as const;
  return box.map((value, i) => {
    const most = i % 2 === 0 ? width : height;
    return Math.min(most, Math.max(0, Math.round((value / side) * longest - bars[i % 2]!)));
  }) as Box;
}
