// The gold program of a question about a chart: look values up, then compare, add or count them.
import type { Box } from "../../spec/index.ts";
import type { ChartMark } from "./chart.ts";

/** One step. `of` counts into the results of the steps before it, from 0. */
export type ChartStep =
  /** The values of a series, or at a label, or of both. */
  | { op: "values"; series?: string; label?: string }
  | { op: "value"; of: number }
  /** What the largest or smallest of some values belongs to. */
  | { op: "largest" | "smallest"; of: number[]; say: "label" | "series" }
  | { op: "sum"; of: number[] }
  | { op: "minus"; of: [number, number] }
  /** How many of some values are larger. */
  | { op: "above"; of: number; value: number };

/** What a program found, and what each step saw. */
export interface ChartRun {
  answer: string;
  observations: { text: string; boxes: Box[] }[];
}

/** Runs a program on the marks of a chart, in their order. */
export function runChartProgram(program: readonly ChartStep[], marks: readonly ChartMark[]): ChartRun {
  const results: ChartMark[][] = [];
  const observations: ChartRun["observations"] = [];
  const end = (answer: string | undefined): ChartRun => ({ answer: answer ?? "nothing", observations });
  const conclude = (text: string, answer: number) => {
    observations.push({ text: `${text} = ${answer}`, boxes: [] });
    return end(String(answer));
  };
  for (const step of program) {
    switch (step.op) {
      case "values": {
        const { series, label } = step;
        const found = marks.filter(
          (mark) =>
            (series === undefined || mark.series === series) && (label === undefined || mark.label === label),
        );
        const name = [series, label].filter((part) => part !== undefined).join(" ");
        const one = (mark: ChartMark) =>
          [series === undefined && mark.series, label === undefined && mark.label, String(mark.value)].filter(
            Boolean,
          );
        const list = found.map((mark) => one(mark).join(" ")).join(", ");
        observations.push({
          text: `${name || "values"}: ${list || "none"}`,
          boxes: found.map(({ box }) => box),
        });
        results.push(found);
        break;
      }
      case "value":
        return end(results[step.of]![0]?.value.toString());
      case "largest":
      case "smallest": {
        const sign = step.op === "largest" ? 1 : -1;
        const best = step.of.flatMap((of) => results[of]!).toSorted((a, b) => sign * (b.value - a.value))[0];
        return end(best?.[step.say]);
      }
      case "sum": {
        const values = step.of.flatMap((of) => results[of]!.map(({ value }) => value));
        return conclude(
          values.join(" + "),
          values.reduce((sum, value) => sum + value, 0),
        );
      }
      case "minus": {
        const [a, b] = step.of.map((of) => results[of]![0]?.value ?? 0) as [number, number];
        return conclude(`${a} - ${b}`, a - b);
      }
      case "above": {
        const larger = results[step.of]!.filter(({ value }) => value > step.value);
        const values = larger.map(({ value }) => value).join(", ");
        observations.push({
          text: `above ${step.value}: ${values || "none"}`,
          boxes: larger.map(({ box }) => box),
        });
        return end(String(larger.length));
      }
    }
  }
  return end(undefined);
}
