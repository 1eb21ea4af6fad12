// Which of the texts in a chart says what: the numbers beside the value axis, the labels below the marks, the names beside the
// samples of the legend, the values written above bars.
import type { Box } from "../../../spec/index.ts";
import { centerOf } from "../box-geometry.ts";
import type { TextLine } from "../ocr.ts";
import { type AxisReading, numberIn } from "./chart-axis.ts";
import type { Region } from "./chart-marks.ts";

/** A name, and how sure the reader is. */
export interface ReadName {
  text: string;
  score: number;
}

const heightOf = ({ box }: TextLine) => box[3] - box[1];

/** The numbers to the left of the marks, at heights between `top` and `bottom`. */
export function axisReadings(
  lines: readonly TextLine[],
  { left, top, bottom }: { left: number; top: number; bottom: number },
): AxisReading[] {
  return lines.flatMap((line) => {
    const value = numberIn(line.text);
    const [, y] = centerOf(line.box);
    if (value === undefined || line.box[2] > left || y < top || y > bottom) return [];
    return [{ value, y }];
  });
}

/** The name of each swatch that has text to its right; swatches without text are no legend. */
export function legendOf(
  swatches: readonly Region[],
  lines: readonly TextLine[],
): { region: Region; name: ReadName }[] {
  return swatches.flatMap((region) => {
    const [x1, y1, x2, y2] = region.box;
    const side = x2 - x1;
    const beside = lines
      .filter(({ box }) => {
        const [, y] = centerOf(box);
        // A reader often takes the swatch for a part of the line.
        return (
          y > y1 - side / 2 &&
          y < y2 + side / 2 &&
          box[0] > x1 - 2 &&
          box[0] < x2 + 1.5 * side &&
          box[2] > x2 + 2
        );
      })
      .toSorted((a, b) => a.box[0] - b.box[0]);
    const [line] = beside;
    if (!line || numberIn(line.text) !== undefined) return [];
    const text = line.text.replace(/^[■▪□]\s*/u, "").trim();
    return text === "" ? [] : [{ region, name: { text, score: line.score } }];
  });
}

/**
 * The label below each column. Level labels stand below the middle; those of turned text end (or start) there, which is tried
 * out: the way in which labels lie nearest to their columns counts.
 */
export function labelsBelow(
  lines: readonly TextLine[],
  columns: readonly number[],
  { baseline, bottom }: { baseline: number; bottom: number },
): (ReadName | undefined)[] {
  const below = lines.filter(({ box }) => box[1] >= baseline - 3 && box[1] < bottom);
  if (below.length === 0) return columns.map(() => undefined);
  const slot = columns.length > 1 ? (columns.at(-1)! - columns[0]!) / (columns.length - 1) : Infinity;
  // A title of the axis stands below the labels, one line for all of them.
  const first = Math.min(...below.map(({ box }) => box[1]));
  const rows = below.filter((line) => line.box[1] < first + 1.2 * Math.min(heightOf(line), 3 * slot));
  const small = Math.min(...lines.map(heightOf));
  const anchors: ((box: Box) => number)[] = [
    ([x1, , x2]) => (x1 + x2) / 2,
    ([, , x2]) => x2 - small / 2,
    ([x1]) => x1 + small / 2,
  ];
  let best: { found: TextLine[][]; cost: number } | undefined;
  for (const anchor of anchors) {
    const found: TextLine[][] = columns.map(() => []);
    let cost = 0;
    for (const line of rows) {
      const offs = columns.map((x) => Math.abs(anchor(line.box) - x));
      const off = Math.min(...offs);
      cost += Math.min(off, slot);
      if (off <= 0.6 * slot) found[offs.indexOf(off)]!.push(line);
    }
    cost += found.filter((lines) => lines.length === 0).length * slot;
    if (!best || cost < best.cost) best = { found, cost };
  }
  return best!.found.map((lines) => {
    if (lines.length === 0) return undefined;
    const inRow = lines.toSorted((a, b) => a.box[0] - b.box[0]);
    return {
      text: inRow.map(({ text }) => text.trim()).join(" "),
      score: Math.min(...inRow.map(({ score }) => score)),
    };
  });
}

/** The number that is written just above a box, or in its upper end. */
export function numberAbove(lines: readonly TextLine[], [x1, y1, x2]: Box): ReadName | undefined {
  const x = (x1 + x2) / 2;
  const found = lines.find((line) => {
    const [cx] = centerOf(line.box);
    const height = heightOf(line);
    return (
      Math.abs(cx - x) <= Math.max(4, (x2 - x1) / 2) &&
      line.box[3] > y1 - height &&
      line.box[1] < y1 + height / 2
    );
  });
  return found && numberIn(found.text) !== undefined ? { text: found.text, score: found.score } : undefined;
}
