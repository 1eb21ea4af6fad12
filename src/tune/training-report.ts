// A training run as one page: loss, learning rate and time of a step as curves, and one small curve for each type of
// question with the accuracy it reached. Made from the run's log alone; the page loads nothing.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../errors/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { type Html, html } from "../util/html.ts";
import { pagePolicy } from "../util/page-policy.ts";

interface StepEntry {
  kind: "step";
  stage: string;
  loss: number;
  gradientNorm: number;
  learningRate: number;
  wallSeconds: number;
}

interface EvaluationEntry {
  kind: "evaluation";
  stage: string;
  step: number;
  accuracy: Record<string, { n: number; accuracy: number; blind?: number }>;
  overall?: { n: number; accuracy: number; blind?: number; gain?: number };
}

interface SamplesEntry {
  kind: "samples";
  stage: string;
  step: number;
  samples: { type: string; question: string; reference: string; answer: string }[];
}

/** Weights of an earlier step that a stage ended with. */
interface BestEntry {
  kind: "best";
  stage: string;
  step: number;
  best: number;
  accuracy: number;
}

/** How much of a stage the first worker waited for its data. */
interface PaceEntry {
  kind: "pace";
  stage: string;
  waitShare: number;
}

type Entry = StepEntry | EvaluationEntry | SamplesEntry | BestEntry | PaceEntry;

/** A curve over the steps of the whole run; gaps where a value is not finite. */
interface Curve {
  label: string;
  points: [step: number, value: number][];
}

/** More points than this are drawn as the means of neighbours. */
const mostPoints = 400;
/** Shades of a smoothed curve: each step counts this share of it. */
const smoothing = 0.05;

/** Writes `OUT/report.html` from `OUT/log.jsonl`. @returns its path */
export async function writeTrainingReport(out: string, name: string): Promise<string> {
  const log = path.join(out, "log.jsonl");
  const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line !== "");
  if (lines.length === 0) throw new InputError({ where: log, rule: "must have a step to report" });
  const file = path.join(out, "report.html");
  await writeFileAtomic(
    file,
    trainingReport(
      name,
      lines.map((line) => JSON.parse(line)),
    ),
  );
  return file;
}

/** The page of a run's log, entry by entry. */
export function trainingReport(name: string, log: readonly Entry[]): string {
  const steps = log.filter((entry) => entry.kind === "step");
  const evaluations = placed(log);
  const numbers = (value: (entry: StepEntry, i: number) => number): [number, number][] =>
    steps.map((entry, i) => [i + 1, value(entry, i)]);
  const loss = numbers(({ loss }) => loss);
  // A resumed run counts its seconds from the start again.
  const seconds = numbers(({ wallSeconds }, i) =>
    Math.max(0, wallSeconds - (steps[i - 1]?.wallSeconds ?? wallSeconds)),
  ).slice(1);
  const types = [...new Set(evaluations.flatMap(({ accuracy }) => Object.keys(accuracy)))].sort();
  const last = steps.at(-1)!;
  const stages = new Set(steps.map(({ stage }) => stage)).size;
  const waits = log
    .filter((entry) => entry.kind === "pace")
    .map(({ stage, waitShare }) => `${stage} ${percent(waitShare)}`);
  const facts = [
    `${steps.length} steps in ${stages} ${stages === 1 ? "stage" : "stages"}, loss ${last.loss.toFixed(4)} at the end`,
    ...(waits.length > 0 ? [`of the time waiting for pictures: ${waits.join(", ")}`] : []),
  ].join("; ");
  const body = html`<header><h1>Training of ${name}</h1><p>${facts}</p>${summary(log)}</header><main>
<h2>Loss</h2>${plot([
    { label: "each step", points: loss },
    { label: "smoothed", points: smooth(loss) },
  ])}
<h2>Learning rate</h2>${plot([{ label: "rate", points: numbers(({ learningRate }) => learningRate) }])}
<h2>Length of the gradient</h2>${plot([{ label: "before clipping", points: numbers(({ gradientNorm }) => gradientNorm) }])}
<h2>Seconds a step</h2>${plot([{ label: "smoothed", points: smooth(seconds) }])}
<h2>Accuracy on validation pictures</h2><div class="types">${types.map((type) => typeCurve(type, evaluations))}</div>
${sampleTable(log)}</main>`;
  const policy = pagePolicy({ style, script: "" });
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Training of ${name}</title><style>${{ html: style }}</style></head><body>${body}</body></html>`
    .html;
}

/** Evaluations by the number of steps that the whole run had made. */
function placed(log: readonly Entry[]) {
  let made = 0;
  return log.flatMap((entry) => {
    if (entry.kind === "step") made++;
    return entry.kind === "evaluation" ? [{ at: made, accuracy: entry.accuracy }] : [];
  });
}

function typeCurve(type: string, evaluations: ReturnType<typeof placed>): Html {
  const known = evaluations.filter(({ accuracy }) => accuracy[type]);
  const points = known.map(({ at, accuracy }): [number, number] => [at, accuracy[type]!.accuracy]);
  const hidden = known.filter(({ accuracy }) => accuracy[type]!.blind !== undefined);
  const blind = hidden.map(({ at, accuracy }): [number, number] => [at, accuracy[type]!.blind!]);
  const last = known.at(-1)!.accuracy[type]!;
  const control = last.blind === undefined ? "" : html`, blind ${percent(last.blind)}`;
  const curves = [
    ...(blind.length > 0 ? [{ label: `${type}, behind grey pictures`, points: blind }] : []),
    { label: type, points },
  ];
  return html`<figure><figcaption>${type} <b>${percent(last.accuracy)}</b> of ${last.n}${control}</figcaption>
${plot(curves, { width: 300, height: 90, low: 0, high: 1 })}</figure>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** All answers together beside the blind control, and which weights were kept. */
function summary(log: readonly Entry[]): Html {
  const overall = log.findLast((entry) => entry.kind === "evaluation")?.overall;
  const gain =
    overall?.blind === undefined
      ? ""
      : html`<p>${percent(overall.accuracy)} of ${overall.n} answers right; ${percent(overall.blind)} behind grey pictures, so ${(100 * (overall.accuracy - overall.blind)).toFixed(1)} points come from seeing</p>`;
  const kept = log
    .filter((entry) => entry.kind === "best")
    .map(
      ({ stage, step, best, accuracy }) =>
        html`<p>${stage}: ${step} steps, ended with the weights of step ${best} (${percent(accuracy)})</p>`,
    );
  return html`${gain}${kept}`;
}

/** What the model wrote by itself: a row for each question, a column for some of the evaluations, the last one included. */
function sampleTable(log: readonly Entry[]): Html {
  const all = log.filter((entry) => entry.kind === "samples");
  if (all.length === 0) return html``;
  const shown = [...new Set([0, 1, 2, 3].map((i) => Math.round((i * (all.length - 1)) / 3)))].map(
    (i) => all[i]!,
  );
  const head = shown.map(({ stage, step }) => html`<th>${stage}, step ${step}</th>`);
  const rows = shown.at(-1)!.samples.map(({ type, question, reference }, i) => {
    const answers = shown.map(({ samples }) => {
      const answer = samples[i]?.answer ?? "";
      return answer === reference ? html`<td class="right">${answer}</td>` : html`<td>${answer}</td>`;
    });
    return html`<tr><td>${type}</td><td>${question}</td><td>${reference}</td>${answers}</tr>`;
  });
  return html`<h2>Answers written by the model itself</h2><div class="samples"><table><thead><tr><th>type</th><th>question</th><th>reference</th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function smooth(points: readonly [number, number][]): [number, number][] {
  let mean = points[0]?.[1] ?? 0;
  return points.map(([step, value]) => {
    if (Number.isFinite(value)) mean += smoothing * (value - mean);
    return [step, mean];
  });
}

interface PlotOptions {
  width?: number;
  height?: number;
  low?: number;
  high?: number;
}

function plot(curves: readonly Curve[], { width = 1080, height = 220, low, high }: PlotOptions = {}): Html {
  const [left, right, top, bottom] = [56, 12, 8, 22];
  const drawn = curves.map(({ label, points }) => ({ label, points: thin(points) }));
  const values = drawn.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite);
  const [least, most] = [
    low ?? Math.min(0, ...values),
    high ?? (values.length > 0 ? Math.max(...values) : 1),
  ];
  const end = Math.max(2, ...drawn.map(({ points }) => points.at(-1)?.[0] ?? 2));
  const x = (step: number) => (left + ((step - 1) / (end - 1)) * (width - left - right)).toFixed(1);
  const y = (value: number) =>
    (height - bottom - ((value - least) / (most - least || 1)) * (height - top - bottom)).toFixed(1);
  const grid = [0, 0.5, 1].map((share) => {
    const value = least + share * (most - least);
    return html`<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 8}" y="${Number(y(value)) + 4}" text-anchor="end">${axisNumber(value)}</text>`;
  });
  const lines = drawn.map(({ label, points }, series) => {
    const path = points.filter(([, value]) => Number.isFinite(value)).map(([s, v]) => `${x(s)},${y(v)}`);
    return html`<polyline class="series-${series}" points="${path.join(" ")}"><title>${label}</title></polyline>`;
  });
  const ends = html`<text x="${left}" y="${height - 6}">1</text><text x="${width - right}" y="${height - 6}" text-anchor="end">${end} steps</text>`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${curves.map(({ label }) => label).join(", ")}">${grid}${lines}${ends}</svg>`;
}

/** Means of neighbours, so that a long run is not a wall of points. */
function thin(points: readonly [number, number][]): [number, number][] {
  const size = Math.ceil(points.length / mostPoints);
  if (size <= 1) return [...points];
  const groups: [number, number][] = [];
  for (let i = 0; i < points.length; i += size) {
    const group = points.slice(i, i + size).filter(([, value]) => Number.isFinite(value));
    if (group.length === 0) continue;
    groups.push([group.at(-1)![0], group.reduce((sum, [, value]) => sum + value, 0) / group.length]);
  }
  return groups;
}

function axisNumber(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 0.01 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

const style = `
:root { color-scheme: light dark; --text: light-dark(#1b1f27, #e6e8ec); --quiet: light-dark(#5d6573, #9aa3b2);
  --line: light-dark(#e2e5ea, #31353d); --accent: light-dark(#2456c9, #86a9ff); --pale: light-dark(#b9c9ee, #3d5591);
  font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f6f7f9, #14161a); color: var(--text); }
header, main { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 26px; margin: 28px 0 4px; } h2 { font-size: 18px; margin: 32px 0 8px; } header p { color: var(--quiet); margin: 0; }
svg { display: block; width: 100%; background: light-dark(#fff, #1d2026); border: 1px solid var(--line); border-radius: 10px; }
line { stroke: var(--line); } text { fill: var(--quiet); font-size: 12px; }
polyline { fill: none; stroke: var(--accent); stroke-width: 1.6; }
polyline.series-0:not(:last-of-type) { stroke: var(--pale); stroke-width: 1; }
.types { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 14px; padding-bottom: 40px; }
figure { margin: 0; } figcaption { font-size: 13px; color: var(--quiet); } figcaption b { color: var(--text); }
.types text { font-size: 11px; }
.samples { overflow-x: auto; padding-bottom: 40px; } table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px; border-bottom: 1px solid var(--line); } td.right { color: var(--accent); }
`;
