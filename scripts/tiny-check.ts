// Measures every promise that MODEL_CARD.md makes about the bundled model and compares it with the recorded value.
//   npm run tiny:check             fails when a value is more than 2 points below its row
//   npm run tiny:check -- --write  records what was measured
import { readFileSync } from "node:fs";
import path from "node:path";
import { openDataset } from "../src/data/formats/index.ts";
import {
  createImageLoader,
  createScorer,
  mcnemarP,
  modelColumn,
  parseTechnique,
  runCompare,
} from "../src/eval/index.ts";
import { type Interval, meanInterval, wilsonInterval } from "../src/eval/statistics.ts";
import { resolveModel } from "../src/model/index.ts";
import { writeFileAtomic } from "../src/util/files.ts";

const card = path.resolve(import.meta.dirname, "../models/tiny/MODEL_CARD.md");
const [START, END] = ["<!-- promises -->", "<!-- /promises -->"];

/** What a value must reach, by promise. Rows without an entry are recorded and only must not fall. */
const goals: Record<string, number> = {
  "test: existence": 0.97,
  "test: naming": 0.96,
  "test: category": 0.96,
  "test: counting": 0.88,
  "test: position": 0.93,
  "test: reading": 0.75,
  "test: caption": 0.93,
  "test: absent": 0.85,
  "test: types significantly above blind": 1,
  "test-style: all types": 0.78,
};
const ALLOWED_DROP = 0.02;

interface Row {
  name: string;
  value: number;
  interval?: Interval;
  n: number;
}

const model = await resolveModel("tiny");
const measured: Row[] = [
  ...(await measure("test", ["direct", "blind"])),
  ...(await measure("test-style", ["direct"])),
];
const recorded = readRecorded();
const problems: string[] = [];
for (const { name, value } of measured) {
  const before = recorded.get(name);
  if (before !== undefined && value < before - ALLOWED_DROP) {
    problems.push(`${name}: ${percent(value)} is more than 2 points below the recorded ${percent(before)}`);
  }
}
for (const name of recorded.keys()) {
  if (!measured.some((row) => row.name === name)) problems.push(`${name}: recorded, but no longer measured`);
}
const table = formatRows(measured);
console.log(table);
if (process.argv.includes("--write")) {
  const text = readFileSync(card, "utf8");
  const [before, after] = [text.split(START)[0]!, text.split(END)[1]!];
  await writeFileAtomic(card, `${before}${START}\n${table}\n${END}${after}`);
} else {
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? "every promise is kept" : `${problems.length} promises are broken`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** Accuracy by type and over all, and (with a second technique) how many types are significantly above it. */
async function measure(split: string, techniques: string[]): Promise<Row[]> {
  const dataset = await openDataset(`scenes:${split}`);
  const loadImage = createImageLoader({ baseDir: dataset.baseDir });
  const columns = techniques.map((technique) =>
    modelColumn({
      name: technique,
      technique,
      modelName: "tiny",
      model: parseTechnique(technique).technique(model),
      loadImage,
      seed: 0,
      timeoutMs: 60_000,
      concurrency: 4,
      maxOutputTokens: 64,
    }),
  );
  const { samples } = dataset;
  const run = await runCompare({ samples, columns }, { scorer: createScorer() });
  const scores = run.columns.map(({ rows }) => rows.map(({ score }) => score));
  const indices = (type?: string) =>
    samples.flatMap((sample, i) => (!type || sample.type === type ? [i] : []));
  const row = (name: string, at: number[]): Row => {
    const values = at.map((i) => scores[0]![i]!);
    const value = values.reduce((a, b) => a + b, 0) / values.length;
    const graded = values.some((score) => score !== 0 && score !== 1);
    const interval = graded
      ? meanInterval(values)
      : wilsonInterval(values.filter((score) => score === 1).length, values.length);
    return { name: `${split}: ${name}`, value, n: values.length, ...(interval && { interval }) };
  };
  const types = [...new Set(samples.map(({ type }) => type!))].sort();
  const rows = [...types.map((type) => row(type, indices(type))), row("all types", indices())];
  if (scores.length < 2) return rows;
  const above = types.filter((type) => {
    const [direct, blind] = [0, 1].map((column) => indices(type).map((i) => scores[column]![i]!)) as [
      number[],
      number[],
    ];
    const better = direct.filter((score, i) => score > blind[i]!).length;
    const worse = direct.filter((score, i) => score < blind[i]!).length;
    return better > worse && mcnemarP(better, worse) < 0.05;
  });
  rows.push({
    name: `${split}: types significantly above blind`,
    value: above.length / types.length,
    n: types.length,
  });
  const blindRow = scores[1]!.reduce((a, b) => a + b, 0) / samples.length;
  console.log(`${split}: blind control over all types ${percent(blindRow)}`);
  return rows;
}

function formatRows(rows: Row[]): string {
  const lines = rows.map(({ name, value, interval, n }) => {
    const goal = goals[name];
    const reached = goal === undefined ? "" : value >= goal ? "yes" : "no";
    const range = interval ? `${percent(interval[0])} to ${percent(interval[1])}` : "";
    return `| ${name} | ${goal === undefined ? "" : percent(goal)} | ${percent(value)} | ${range} | ${n} | ${reached} |`;
  });
  return [
    "| promise | goal | measured | 95% interval | n | reached |",
    "|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

function readRecorded(): Map<string, number> {
  const section = readFileSync(card, "utf8").split(START)[1]?.split(END)[0] ?? "";
  const found = new Map<string, number>();
  for (const line of section.split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    if (/^test/.test(cells[1] ?? "")) found.set(cells[1]!, Number.parseFloat(cells[3]!) / 100);
  }
  return found;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
