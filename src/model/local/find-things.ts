// From what the looks saw to things: boxes of several looks that lie on each other are one thing, whose box is their mean,
// and what the cells inside it show most is its name.
import type { Box } from "../../spec/index.ts";
import type { Grounding, Middle } from "./grounder.ts";

/** A thing that was found. */
export interface FoundThing {
  name: string;
  /** In pixels of the picture. */
  box: Box;
  /** Mean over the looks of how sure they are, 0 to 1. */
  score: number;
}

/** Boxes that overlap so much, as intersection over union, are of the same thing. */
const sameThing = 0.4;
/** Things with a lower score are left out (both numbers chosen on scenes:val, see docs/vision-tools.md). */
const minScore = 0.4;

/** Finds the things of a grounded picture, the surest first. Letters are no things. */
export function findThings(grounding: Grounding): FoundThing[] {
  const { middles, looks, names, cells } = grounding;
  let left = middles.toSorted((a, b) => b.share - a.share);
  const things: FoundThing[] = [];
  while (left.length > 0) {
    const surest = left[0]!;
    const same = left.filter((other) => other === surest || overlap(surest.box, other.box) >= sameThing);
    left = left.filter((other) => !same.includes(other));
    const total = same.reduce((sum, { share }) => sum + share, 0);
    const score = Math.min(1, total / looks);
    if (score < minScore) continue;
    const box = meanBox(same, total);
    const shown = mostShown(box, grounding);
    if (shown !== undefined)
      things.push({ name: names[shown]!, box: squareToPicture(box, cells.side, grounding), score });
  }
  return things.sort((a, b) => b.score - a.score);
}

/** True for the name of a letter class. */
export function isLetter(name: string): boolean {
  return /^[A-Z]$/.test(name);
}

function meanBox(boxes: readonly Middle[], total: number): Box {
  return [0, 1, 2, 3].map(
    (i) => boxes.reduce((sum, { box, share }) => sum + share * box[i]!, 0) / total,
  ) as Box;
}

/** The class of things that the cells inside a box show most, each cell by its part inside; none where all is nothing. */
function mostShown([x1, y1, x2, y2]: Box, { cells, names }: Grounding): number | undefined {
  const { side, shares } = cells;
  const sums = new Float64Array(names.length);
  for (let y = Math.max(0, Math.floor(y1)); y < Math.min(side, y2); y++)
    for (let x = Math.max(0, Math.floor(x1)); x < Math.min(side, x2); x++) {
      const part = (Math.min(x + 1, x2) - Math.max(x, x1)) * (Math.min(y + 1, y2) - Math.max(y, y1));
      for (const c of names.keys()) sums[c]! += part * shares[(y * side + x) * names.length + c]!;
    }
  let best: number | undefined;
  for (const c of names.keys())
    if (c < names.length - 1 && !isLetter(names[c]!) && sums[c]! > (best === undefined ? 0 : sums[best]!))
      best = c;
  return best;
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (width * height) / (area(a) + area(b) - width * height);
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
