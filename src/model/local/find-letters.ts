// From windows to a word. Each letter stands in a column of its own and is seen through about two of the half-overlapping
// windows of each row. Down a column the shares of a letter are added up; a run of columns with the same letter is that
// letter once, or twice when it is as wide as two.
import { type FoundThing, isLetter, squareToPicture } from "./find-things.ts";
import type { Grounding } from "./grounder.ts";

/** A column shows a letter from this much on: half of the two windows that see a letter from above and from below. */
const minColumn = 0.5;
/** A run that adds up to less is no letter. */
const minRun = 0.8;
/** What one letter of several equal ones in a row adds up to (chosen on scenes:val, see docs/vision-tools.md). */
const letterRun = 2.8;

/** Finds the letters of the one line of text in a grounded picture, from left to right; boxes are one patch large. */
export function findLetters(grounding: Grounding): FoundThing[] {
  const { names } = grounding;
  const { side, shares } = grounding.windows;
  const letters = names.flatMap((name, c) => (isLetter(name) ? [c] : []));
  const columns = Array.from({ length: side }, (_, x) => {
    let best = { c: -1, sum: 0, row: 0 };
    for (const c of letters) {
      let [sum, rows] = [0, 0];
      for (let y = 0; y < side; y++) {
        const share = shares[(y * side + x) * names.length + c]!;
        sum += share;
        rows += share * y;
      }
      if (sum > best.sum) best = { c, sum, row: rows / sum };
    }
    return { ...best, sum: Math.min(1, best.sum / 2) };
  });
  const found: FoundThing[] = [];
  for (let start = 0, end = 0; start < side; start = end) {
    const { c } = columns[start]!;
    const isSame = (x: number) => x < side && columns[x]!.c === c && columns[x]!.sum >= minColumn;
    for (end = start; isSame(end); ) end++;
    if (end === start) {
      end = start + 1;
      continue;
    }
    const run = columns.slice(start, end);
    const total = run.reduce((sum, column) => sum + column.sum, 0);
    if (total < minRun) continue;
    const row = run.reduce((sum, column) => sum + column.row * column.sum, 0) / total;
    const count = Math.max(1, Math.round(total / letterRun));
    for (let i = 0; i < count; i++) {
      // Half-patches: a window that starts at x lies over x to x + 2.
      const left = start + ((i + 0.5) * run.length) / count - 0.5;
      found.push({
        name: names[c]!,
        box: squareToPicture([left, row, left + 2, row + 2], side, grounding),
        score: total / run.length,
      });
    }
  }
  return found;
}
