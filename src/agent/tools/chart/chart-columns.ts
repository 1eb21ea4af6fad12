// Which bars and points of a chart stand above the same label: its columns.
import type { Raster } from "../../../media/index.ts";
import type { Box } from "../../../spec/index.ts";
import { barsOf, colorDistance, middle, pointInColumn, type Region, thickPlaces } from "./chart-marks.ts";
import type { ReadName } from "./chart-text.ts";

/** Columns are one when their marks are no farther apart than this share of the thickness of a point. */
const sameColumn = 0.25;

/** A mark before it has a name. */
export interface Mark {
  column: number;
  color: Region["color"];
  box: Box;
  /** Height that says its value. */
  y: number;
}

export interface Marks {
  form: "bars" | "lines";
  marks: Mark[];
  /** Middles along the x axis. */
  columns: number[];
  /** Where bars stand. */
  baseline?: number;
}

export type Legend = readonly { region: Region; name: ReadName }[];

/** The bars, or where there are none the points of the lines. */
export function findMarks(picture: Raster, regions: readonly Region[], legend: Legend): Marks | undefined {
  const samples = new Set(legend.map(({ region }) => region));
  const drawn = regions.filter((region) => !samples.has(region));
  const standing = barsOf(drawn);
  const found = standing
    ? { form: "bars" as const, ...barMarks(standing.bars, legend.length), baseline: standing.baseline }
    : lineMarks(picture, drawn, legend);
  return found && found.marks.length >= 2 ? found : undefined;
}

/** Bars in columns: with a legend of several colours, bars that stand close together are one column. */
function barMarks(bars: readonly Region[], seriesCount: number): Pick<Marks, "marks" | "columns"> {
  const xs = bars.map(middle);
  const groups: number[][] = [];
  if (seriesCount > 1) {
    const gap = (i: number) => bars[i]!.box[0] - bars[i - 1]!.box[2];
    const widths = bars.map(({ box }) => box[2] - box[0]).toSorted((a, b) => a - b);
    const width = widths[widths.length >> 1]!;
    for (let i = 0; i < bars.length; i++)
      if (i === 0 || gap(i) > width / 4) groups.push([i]);
      else groups.at(-1)!.push(i);
  } else groups.push(...bars.map((_, i) => [i]));
  const columns = groups.map((group) => (xs[group[0]!]! + xs[group.at(-1)!]!) / 2);
  const marks = groups.flatMap((group, column) =>
    group.map((i): Mark => {
      const { box, color } = bars[i]!;
      return { column, color, box, y: box[1] };
    }),
  );
  return { marks, columns };
}

/** The marked points of each line, at the heights where it is thickest in each column. */
function lineMarks(picture: Raster, regions: readonly Region[], legend: Legend): Marks | undefined {
  const colors = legend.length > 0 ? legend.map(({ region }) => region.color) : longestColor(regions);
  const inColor = colors.map((color) => regions.filter((region) => colorDistance(region.color, color) <= 30));
  const boxes = inColor.flat().map(({ box }) => box);
  if (boxes.length === 0) return undefined;
  const around: Box = [
    Math.max(0, Math.min(...boxes.map((b) => b[0])) - 1),
    Math.max(0, Math.min(...boxes.map((b) => b[1])) - 1),
    Math.min(picture.width, Math.max(...boxes.map((b) => b[2])) + 1),
    Math.min(picture.height, Math.max(...boxes.map((b) => b[3])) + 1),
  ];
  for (const thick of [13, 11, 9, 7, 5]) {
    const places = colors.map((color) => thickPlaces(picture, color, around, thick));
    const columns = columnsOf(
      places.flat().map(({ x }) => x),
      thick,
    );
    if (columns.length < 3) continue;
    const radius = (thick >> 1) + 2;
    const marks = colors.flatMap((color) =>
      columns.flatMap((x, column): Mark[] => {
        const point = pointInColumn(picture, color, { x, top: around[1], bottom: around[3], radius });
        if (!point) return [];
        const y = point.y + 0.5;
        return [{ column, color, y, box: [x - radius, y - radius, x + radius, y + radius] }];
      }),
    );
    return { form: "lines", marks, columns };
  }
  return undefined;
}

/** The colour of what is widest. */
function longestColor(regions: readonly Region[]): Region["color"][] {
  const [first] = regions.toSorted((a, b) => b.box[2] - b.box[0] - (a.box[2] - a.box[0]));
  return first ? [first.color] : [];
}

/** Places along the x axis where marks stand above each other. */
function columnsOf(xs: readonly number[], near: number): number[] {
  const groups: number[][] = [];
  for (const x of xs.toSorted((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last && x - last[0]! <= near) last.push(x);
    else groups.push([x]);
  }
  const middles = groups.map((group) => group.reduce((sum, x) => sum + x, 0) / group.length);
  return middles.filter((x, i) => i === 0 || x - middles[i - 1]! > sameColumn * near);
}
