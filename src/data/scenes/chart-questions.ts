// Everything that can be asked about a chart, with its answer and its program. As for pictures of things, a question is
// asked only when its answer is certain: the largest value is the only one, and no value lies on the line asked about.
import type { Rng } from "../../util/rng.ts";
import type { Chart, ChartMark } from "./chart.ts";
import type { ChartStep } from "./chart-program.ts";
import type { SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";

export const chartTypes = [
  "chart-value",
  "chart-extreme",
  "chart-difference",
  "chart-total",
  "chart-higher",
  "chart-above",
] as const;
export type ChartType = (typeof chartTypes)[number];

/** Lists questions of every type that the chart supports, wordings drawn at random. */
export function askChart({ chart }: Scene, rng: Rng): SceneQuestion[] {
  if (!chart) return [];
  const questions: SceneQuestion[] = [];
  const ask = (type: ChartType, wordings: readonly string[], answer: string | number, program: ChartStep[]) =>
    questions.push({
      type,
      form: type,
      topic: {},
      question: rng.pick(wordings),
      answer: String(answer),
      program,
    });
  const told = chart.series.length > 0 ? chart.series : [undefined];
  for (const series of told) {
    const marks = chart.marks.filter((mark) => mark.series === series);
    askValues(chart, marks, ask);
    askExtremes(chart, marks, ask);
    askAbove(chart, marks, rng, ask);
    askPairs(chart, marks, rng, ask);
  }
  askAcross(chart, rng, ask);
  return questions;
}

type Ask = (
  type: ChartType,
  wordings: readonly string[],
  answer: string | number,
  program: ChartStep[],
) => void;

/** "dogs", or "dogs on Monday". */
function nameOf({ labels }: Chart, { series, label }: ChartMark): string {
  return series === undefined ? label : `${series} ${labels.before} ${label}`;
}

const look = ({ series, label }: ChartMark): ChartStep => ({
  op: "values",
  ...(series !== undefined && { series }),
  label,
});
const lookAll = ({ series }: ChartMark): ChartStep => ({
  op: "values",
  ...(series !== undefined && { series }),
});

function askValues(chart: Chart, marks: ChartMark[], ask: Ask): void {
  const { verb, labels } = chart;
  for (const mark of marks) {
    const { series, label, value } = mark;
    const wordings =
      series === undefined
        ? [
            `How many ${label} were ${verb}?`,
            `What is the value of ${label}?`,
            `What number of ${label} were ${verb}?`,
          ]
        : [
            `How many ${series} were ${verb} ${labels.before} ${label}?`,
            `What is the value of ${series} ${labels.before} ${label}?`,
            `What number of ${series} were ${verb} ${labels.before} ${label}?`,
          ];
    ask("chart-value", wordings, value, [look(mark), { op: "value", of: 0 }]);
  }
}

function askExtremes({ verb, labels }: Chart, marks: ChartMark[], ask: Ask): void {
  const sorted = marks.toSorted((a, b) => a.value - b.value);
  const { series } = marks[0]!;
  for (const [op, best, next] of [
    ["smallest", sorted[0]!, sorted[1]!],
    ["largest", sorted.at(-1)!, sorted.at(-2)!],
  ] as const) {
    if (best.value === next.value) continue;
    const [most, word] = op === "largest" ? ["most", "largest"] : ["fewest", "smallest"];
    const wordings =
      series === undefined
        ? [
            `Which of these were ${verb} ${op === "largest" ? "most" : "least"}?`,
            `What has the ${word} value?`,
            `Which bar is the ${op === "largest" ? "highest" : "lowest"}?`,
          ]
        : [
            `${capital(labels.before)} which ${labels.kind} were the ${most} ${series} ${verb}?`,
            `Which ${labels.kind} has the ${word} value of ${series}?`,
            `Which ${labels.kind} has the ${most} ${series}?`,
          ];
    ask("chart-extreme", wordings, best.label, [lookAll(best), { op, of: [0], say: "label" }]);
  }
}

function askAbove({ form, axis, series }: Chart, marks: ChartMark[], rng: Rng, ask: Ask): void {
  const bounds: number[] = [];
  for (let value = axis.step; value < axis.max; value += axis.step)
    if (marks.every((mark) => mark.value !== value)) bounds.push(value);
  if (bounds.length === 0) return;
  const value = rng.pick(bounds);
  const mark = form === "bars" ? "bars" : "points";
  const [first] = marks;
  const wordings =
    series.length > 1
      ? [
          `How many values of ${first!.series} are above ${value}?`,
          `How many values of ${first!.series} are larger than ${value}?`,
          `How often are there more than ${value} ${first!.series}?`,
        ]
      : [
          `How many ${mark} are above ${value}?`,
          `How many values are larger than ${value}?`,
          `How many ${mark} are higher than ${value}?`,
        ];
  const answer = marks.filter((each) => each.value > value).length;
  ask("chart-above", wordings, answer, [lookAll(first!), { op: "above", of: 0, value }]);
}

/** Two values of one series, and all of it. */
function askPairs(chart: Chart, marks: ChartMark[], rng: Rng, ask: Ask): void {
  const { verb, labels } = chart;
  const { series } = marks[0]!;
  const [a, b] = rng.shuffle([...marks]) as [ChartMark, ChartMark];
  const [more, less] = a.value > b.value ? [a, b] : [b, a];
  if (more.value > less.value) {
    const wordings =
      series === undefined
        ? [
            `How many more ${more.label} than ${less.label} were ${verb}?`,
            `By how many do ${more.label} exceed ${less.label}?`,
            `What is the difference between ${more.label} and ${less.label}?`,
          ]
        : [
            `How many more ${series} were ${verb} ${labels.before} ${more.label} than ${labels.before} ${less.label}?`,
            `By how many do ${nameOf(chart, more)} exceed those ${labels.before} ${less.label}?`,
            `What is the difference of ${series} between ${more.label} and ${less.label}?`,
          ];
    ask("chart-difference", wordings, more.value - less.value, [
      look(more),
      look(less),
      { op: "minus", of: [0, 1] },
    ]);
  }
  const all = marks.reduce((sum, { value }) => sum + value, 0);
  const wordings =
    series === undefined
      ? [`How many were ${verb} in all?`, "What is the sum of all bars?", "What do all values add up to?"]
      : [
          `How many ${series} were ${verb} in all?`,
          `What is the total of ${series}?`,
          `What do the values of ${series} add up to?`,
        ];
  if (rng.chance(0.5)) ask("chart-total", wordings, all, [lookAll(a), { op: "sum", of: [0] }]);
  else {
    const two =
      series === undefined
        ? [
            `How many ${a.label} and ${b.label} were ${verb} together?`,
            `What is the total of ${a.label} and ${b.label}?`,
            `What do ${a.label} and ${b.label} add up to?`,
          ]
        : [
            `How many ${series} were ${verb} ${labels.before} ${a.label} and ${b.label} together?`,
            `What is the total of ${series} ${labels.before} ${a.label} and ${b.label}?`,
            `What do the ${series} ${labels.before} ${a.label} and ${b.label} add up to?`,
          ];
    ask("chart-total", two, a.value + b.value, [look(a), look(b), { op: "sum", of: [0, 1] }]);
  }
}

/** Two series at one label; or, where kinds are told by their bars, two bars. */
function askAcross(chart: Chart, rng: Rng, ask: Ask): void {
  const { verb, labels, series, marks } = chart;
  const byKind = series.length === 0;
  if (series.length === 1) return;
  for (const label of byKind ? [undefined] : labels.names) {
    const there = rng.shuffle(marks.filter((mark) => label === undefined || mark.label === label));
    const [a, b] = there as [ChartMark, ChartMark];
    if (a.value === b.value) continue;
    const [nameA, nameB] = [a.series ?? a.label, b.series ?? b.label];
    const when = label === undefined ? "" : ` ${labels.before} ${label}`;
    const wordings = [
      `Were more ${nameA} or ${nameB} ${verb}${when}?`,
      `Which is higher${when}, ${nameA} or ${nameB}?`,
      `Which were ${verb} more${when}, ${nameA} or ${nameB}?`,
    ];
    const higher = a.value > b.value ? a : b;
    const say = byKind ? "label" : "series";
    ask("chart-higher", wordings, higher[say]!, [look(a), look(b), { op: "largest", of: [0, 1], say }]);
  }
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
