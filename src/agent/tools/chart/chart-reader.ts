// A chart as the table that it was drawn from, the task of DePlot (Liu et al. 2023, arXiv 2212.10505), without a network of its own:
// bars and points are found by colour, texts by a reader of text, and what a height is worth by the numbers on the axis.
import { decodeImage, encodePng, type Raster, resizeImage } from "../../../media/index.ts";
import type { Box } from "../../../spec/index.ts";
import type { Reader, TextLine } from "../ocr.ts";
import { labelBoxes, readLabels } from "./axis-labels.ts";
import { type AxisReading, fitAxis, roundToAxis, type ValueAxis } from "./chart-axis.ts";
import { findMarks, type Legend, type Mark, type Marks } from "./chart-columns.ts";
import { type ChartFrame, frameOf } from "./chart-frame.ts";
import { colorDistance, paintedRegions, swatchesOf } from "./chart-marks.ts";
import { axisReadings, labelsBelow, legendOf, numberAbove, type ReadName } from "./chart-text.ts";

/** One row of the table. */
export interface ChartRow {
  /** What the legend calls its colour; undefined where there is no legend. */
  series?: string;
  /** What is written below it; empty where nothing could be read. */
  label: string;
  value: number;
  /** Of the bar or the point, in pixels of the picture. */
  box: Box;
  /** How sure the reading is, 0 to 1: the least sure of its texts, times the share of the axis' numbers that agree. */
  score: number;
}

export interface ChartTable {
  form: "bars" | "lines" | "none";
  rows: ChartRow[];
  /** What could not be read, and what was taken for granted. */
  notes: string[];
}

/** Turns a picture of a chart into a table. */
export interface ChartReader {
  /** Names the backend in results. */
  name: string;
  read(bytes: Uint8Array, options: { signal?: AbortSignal }): Promise<ChartTable>;
}

/** Longest side at which marks are looked for; larger pictures are shrunk to it. */
const maxSide = 1024;
/** Small pictures are enlarged to about this side for the reader of text. */
const readingSide = 700;

/** Reads bar charts and line charts whose points are marked, with the texts that `reader` reads. */
export function colorChartReader(reader: Reader): ChartReader {
  return {
    name: `chart by colour, ${reader.name}`,
    async read(bytes, options) {
      const whole = await decodeImage(bytes, { where: "read_chart" });
      const shrink = Math.min(1, maxSide / Math.max(whole.width, whole.height));
      const size = (side: number) => Math.max(1, Math.round(side * shrink));
      const picture = await resizeImage(whole, size(whole.width), size(whole.height));
      const regions = paintedRegions(picture);
      if (regions.length === 0) return nothing("No painted bars or lines were found.");
      options.signal?.throwIfAborted();
      const lines = await readLines(reader, picture, options);
      const legend = legendOf(swatchesOf(regions, Math.max(picture.width, picture.height) / 12), lines);
      const marks = findMarks(picture, regions, legend);
      if (!marks) return nothing("Neither bars on one line nor lines with marked points were found.");
      const frame = frameOf(picture, extentOf(marks), marks.baseline);
      const readings = await readAxis(reader, { picture, frame, lines }, options);
      const table = tableOf(marks, {
        lines,
        legend,
        frame,
        axis: fitAxis(readings, frame.baseline),
        picture,
      });
      const rows = table.rows.map((row) => ({
        ...row,
        box: row.box.map((v) => Math.round(v / shrink)) as Box,
      }));
      return { ...table, rows };
    },
  };
}

function nothing(note: string): ChartTable {
  return { form: "none", rows: [], notes: [note] };
}

/** The texts of a picture, read enlarged where it is small; boxes in pixels of the picture. */
async function readLines(
  reader: Reader,
  picture: Raster,
  options: { signal?: AbortSignal },
): Promise<TextLine[]> {
  const scale = Math.max(1, Math.round(readingSide / Math.max(picture.width, picture.height)));
  const large = await resizeImage(picture, picture.width * scale, picture.height * scale);
  const lines = await reader.read(await encodePng(large.pixels, large.width, large.height), options);
  return lines.map((line) => ({ ...line, box: line.box.map((value) => value / scale) as Box }));
}

/** The numbers beside the value axis: each label read by itself, or as it was read with all the rest. */
async function readAxis(
  reader: Reader,
  { picture, frame, lines }: { picture: Raster; frame: ChartFrame; lines: readonly TextLine[] },
  options: { signal?: AbortSignal },
): Promise<AxisReading[]> {
  const margin = 9;
  const [top, bottom] = [
    Math.max(0, frame.top - margin),
    Math.min(picture.height, Math.ceil(frame.baseline) + margin),
  ];
  const right = Math.max(0, Math.floor(frame.left) - 1);
  const boxes = labelBoxes(picture, [0, top, right, bottom]);
  const single = await readLabels(reader, picture, boxes, options);
  const together = axisReadings(lines, { left: frame.left + 2, top, bottom });
  return [
    ...single,
    ...together.filter(({ y }) => single.every((other) => Math.abs(other.y - y) > margin / 2)),
  ];
}

function extentOf({ marks }: Marks): { left: number; lowest: number } {
  return {
    left: Math.min(...marks.map(({ box }) => box[0])),
    lowest: Math.max(...marks.map(({ box }) => box[3])),
  };
}

function tableOf(
  { form, marks, columns }: Marks,
  {
    lines,
    legend,
    frame,
    axis,
    picture,
  }: {
    lines: readonly TextLine[];
    legend: Legend;
    frame: ChartFrame;
    axis: ValueAxis | undefined;
    picture: Raster;
  },
): ChartTable {
  const notes: string[] = [];
  const labels = labelsBelow(lines, columns, { baseline: frame.baseline, bottom: picture.height });
  const values = valuesOf(marks, { axis, lines, isBars: form === "bars", notes });
  if (!values) return { form, rows: [], notes };
  if (labels.some((label) => !label)) notes.push("Some labels could not be read and are empty.");
  const rows = marks.map((mark, i): ChartRow => {
    const label = labels[mark.column];
    const series = seriesOf(mark, legend);
    const scores = [label?.score ?? 0, ...(series ? [series.score] : []), values[i]!.score];
    return {
      ...(series && { series: series.text }),
      label: label?.text ?? "",
      value: values[i]!.value,
      box: mark.box,
      score: Math.min(...scores),
    };
  });
  const order = legend.map(({ name }) => name.text);
  return {
    form,
    rows: rows.toSorted((a, b) => order.indexOf(a.series ?? "") - order.indexOf(b.series ?? "")),
    notes,
  };
}

/** Values by the axis, by what is written above bars where there is no axis, or both where they agree. */
function valuesOf(
  marks: readonly Mark[],
  {
    axis,
    lines,
    isBars,
    notes,
  }: { axis: ValueAxis | undefined; lines: readonly TextLine[]; isBars: boolean; notes: string[] },
): { value: number; score: number }[] | undefined {
  const written = marks.map(({ box }) => (isBars ? numberAbove(lines, box) : undefined));
  if (!axis || axis.agreed === 0) {
    if (written.every((name) => name))
      return written.map((name) => ({ value: Number(name!.text), score: name!.score }));
    notes.push("The numbers of the value axis could not be read, so no values are known.");
    return undefined;
  }
  if (axis.agreed === 1) notes.push("Only one number of the axis was read; the baseline is taken for zero.");
  const rounded = roundToAxis(
    marks.map(({ y }) => axis.valueAt(y)),
    axis,
  );
  const score = axis.agreed / Math.max(axis.read, 1);
  return rounded.map((value, i) => {
    const name: ReadName | undefined = written[i];
    const said = name && Number(name.text);
    const agrees = said !== undefined && Math.abs(said - axis.valueAt(marks[i]!.y)) <= 3 * axis.perPixel;
    return { value: agrees ? said : value, score: agrees ? Math.max(score, name!.score) : score };
  });
}

function seriesOf({ color }: Mark, legend: Legend): ReadName | undefined {
  const [nearest] = legend.toSorted(
    (a, b) => colorDistance(a.region.color, color) - colorDistance(b.region.color, color),
  );
  return nearest?.name;
}
