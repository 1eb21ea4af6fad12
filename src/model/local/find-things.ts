// From what the looks saw to things: boxes of several looks that lie on each other are one thing, whose box is their mean, and
// what the patches that saw its middle show most is its name. (What all patches inside the box show is a worse name: other things
// reach into it.)
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

// The three numbers were chosen on scenes:val, see docs/vision-tools.md.
/** Boxes that overlap so much, as intersection over union, are of the same thing where their patches show half the same. */
const sameThing = 0.4;
/** So much less overlap is needed where the patches show the same, so much more where they show different classes. */
const alikeShare = 0.1;
/** Things with a lower score are left out. */
const minScore = 0.4;

/** Finds the things of a grounded picture, the surest first. Letters are no things. */
export function findThings({ middles, looks, names, cells, ...picture }: Grounding): FoundThing[] {
  let left = middles.toSorted((a, b) => b.share - a.share);
  const things: FoundThing[] = [];
  while (left.length > 0) {
    const surest = left[0]!;
    const same = left.filter((other) => other === surest || isSame(surest, other));
    left = left.filter((other) => !same.includes(other));
    const total = same.reduce((sum, { share }) => sum + share, 0);
    const score = Math.min(1, total / looks);
    if (score < minScore) continue;
    const shown = mostShown(same, names);
    const box = squareToPicture(meanBox(same, total), cells.side, picture);
    if (shown !== undefined) things.push({ name: names[shown]!, box, score });
  }
  return things.sort((a, b) => b.score - a.score);
}

function isSame(a: Middle, b: Middle): boolean {
  return overlap(a.box, b.box) >= sameThing + alikeShare * (1 - 2 * cosine(a.shown, b.shown));
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

/** The class of things that patches show most, the surest counting most; none where they show nothing. */
function mostShown(middles: readonly Middle[], names: readonly string[]): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const c of names.keys()) {
    if (c === names.length - 1 || isLetter(names[c]!)) continue;
    const sum = middles.reduce((total, { share, shown }) => total + share * shown[c]!, 0);
    if (sum > most) [best, most] = [c, sum];
  }
  return best;
}

/** From 0, nothing shown by both, to 1. */
function cosine(a: Float32Array, b: Float32Array): number {
  let [product, first, second] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    product += x * b[i]!;
    first += x * x;
    second += b[i]! * b[i]!;
  }
  return product / Math.sqrt(first * second);
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
