// What a chart shows, before it is drawn: how many of some things were counted, of several kinds or at several times. Which
// kinds meet follows the rule of the splits, as in pictures of things.
import type { Box } from "../../spec/index.ts";
import type { Rng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { drawKinds } from "./content.ts";
import type { SceneSplit } from "./splits.ts";

/** One bar or point. */
export interface ChartMark {
  /** What was counted, when the chart tells kinds from each other by colour or shows one kind only. */
  series?: string;
  /** Written below it. */
  label: string;
  value: number;
  /** Of the bar or the point, in pixels. */
  box: Box;
}

/** A chart with everything that is written in it; the marks in order, series after series. */
export interface Chart {
  form: "bars" | "lines";
  title: string;
  /** "sold": what was done to the things counted. */
  verb: string;
  /** Kind of label: "kind" for things, else the unit of time or place, with the word that goes before one. */
  labels: { kind: string; before: string; names: string[] };
  series: string[];
  /** Values on the axis: 0 to `max` in steps, and the smallest difference between two values of the chart. */
  axis: { max: number; step: number; grain: number };
  /** True when each value is written beside its mark. */
  written: boolean;
  marks: ChartMark[];
}

const verbs = ["sold", "counted", "seen", "ordered", "found", "made", "bought", "painted"];

const labelSets: { kind: string; before: string; names: string[] }[] = [
  { kind: "day", before: "on", names: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] },
  { kind: "month", before: "in", names: ["January", "February", "March", "April", "May", "June", "July"] },
  { kind: "year", before: "in", names: ["2016", "2017", "2018", "2019", "2020", "2021", "2022", "2023"] },
  { kind: "quarter", before: "in", names: ["Q1", "Q2", "Q3", "Q4"] },
  { kind: "room", before: "in", names: ["room A", "room B", "room C", "room D", "room E", "room F"] },
];

/** Step of the axis and smallest difference: a value stands on a line of the grid or halfway between two. */
const scales = [
  { step: 1, grain: 1 },
  { step: 2, grain: 1 },
  { step: 5, grain: 5 },
  { step: 10, grain: 5 },
  { step: 20, grain: 10 },
  { step: 50, grain: 25 },
];

/** Decides what a chart shows; its marks have no places yet. */
export function drawChart(split: SceneSplit, rng: Rng): Chart {
  const verb = rng.pick(verbs);
  const { step, grain } = rng.pick(scales);
  const axis = { step, grain, max: step * (4 + rng.int(3)) };
  const seriesCount = [1, 1, 2, 2, 3][rng.int(5)]!;
  const byKind = seriesCount === 1 && rng.chance(0.5);
  const form = !byKind && rng.chance(0.45) ? "lines" : "bars";
  const plurals = (count: number) => drawKinds(split, count, rng).map((index) => concepts[index]!.plural);
  const most = form === "lines" ? 6 : seriesCount === 3 ? 3 : seriesCount === 2 ? 4 : 6;
  const labels = byKind
    ? { kind: "kind", before: "", names: plurals(3 + rng.int(4)) }
    : drawLabels(most, rng);
  const series = byKind ? [] : plurals(seriesCount);
  const levels = axis.max / grain;
  const taken = labels.names.map(() => new Set<number>());
  const marks = (byKind ? [undefined] : series).flatMap((name) => {
    let heights: number[];
    // Two lines that met in a point would hide each other, and a row of equal values says nothing.
    do heights = labels.names.map(() => 1 + rng.int(levels));
    while (new Set(heights).size === 1 || heights.some((level, i) => taken[i]!.has(level)));
    for (const [i, level] of heights.entries()) taken[i]!.add(level);
    return labels.names.map((label, i): ChartMark => {
      return { ...(name && { series: name }), label, value: heights[i]! * grain, box: [0, 0, 0, 0] };
    });
  });
  const subject = series.length === 1 ? series[0]! : rng.pick(["things", "items"]);
  return {
    form,
    title: capitalise(`${subject} ${verb}${byKind ? "" : ` by ${labels.kind}`}`),
    ...{ verb, labels, series, axis, marks },
    written: rng.chance(form === "bars" ? 0.35 : 0),
  };
}

/** Some of a set in a row, three at least. */
function drawLabels(most: number, rng: Rng): Chart["labels"] {
  const { kind, before, names } = rng.pick(labelSets);
  const count = 3 + rng.int(Math.min(most, names.length) - 2);
  const from = rng.int(names.length - count + 1);
  return { kind, before, names: names.slice(from, from + count) };
}

function capitalise(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
