import path from "node:path";
import { Command } from "commander";
import { limitSamples, openDataset } from "../data/formats/index.ts";
import {
  type Column,
  createImageLoader,
  createScorer,
  formatPercent,
  formatReport,
  formatTable,
  loadPrices,
  majorityColumn,
  majorityName,
  modelColumn,
  notes,
  parseTechnique,
  references,
  reportData,
  runCompare,
  type Summary,
  summarise,
  toJsonOutput,
} from "../eval/index.ts";
import { parseModelSpec } from "../model/model-spec.ts";
import type { Sample } from "../spec/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { checkWritable } from "./check-writable.ts";
import { openModel } from "./open-model.ts";
import { collect, numberBetween, wholeNumber } from "./option-values.ts";
import { packageVersion } from "./package-version.ts";
import { createProgress } from "./progress.ts";
import { withStopSignal } from "./stop-signal.ts";

interface CompareOptions {
  model?: string[];
  technique?: string[];
  limit?: number;
  seed: number;
  json?: boolean;
  report?: string;
  prices?: string;
  concurrency?: number;
  minAccuracy?: number;
  download?: boolean;
  timeout: number;
  maxTokens: number;
  maxPixels: number;
  trustDataset?: boolean;
}

/** Questions that a hosted model is asked at once; a model in this process is asked one by one. */
const hostedConcurrency = 8;

/** Defines `sightline compare`. */
export function compareCommand(): Command {
  return new Command("compare")
    .summary("compare models and techniques on the same questions")
    .description(
      "Asks every model, with every technique, the questions of a dataset and prints accuracy, intervals, paired " +
        "tests, tokens, latency and cost. The dataset is scenes:demo, scenes:val, scenes:test, scenes:test-style, a " +
        'JSONL of Samples, a JSONL or CSV with "image", "question" and "answer", or a folder of pictures with such a file.',
    )
    .argument("<dataset>", "what is asked")
    .option("-m, --model <name>", "a model; may be repeated (default: tiny)", collect)
    .option(
      "-t, --technique <spec>",
      "a technique, outermost first; may be repeated (default: direct, blind, majority)",
      collect,
    )
    .option("-n, --limit <n>", "ask only n questions, chosen by a seeded hash of their ids", wholeNumber(1))
    .option("--seed <n>", "seed of everything random", wholeNumber(0), 0)
    .option("--json", "print one JSON object on standard output, nothing else")
    .option("--report <file>", "write a self-contained HTML report")
    .option("--prices <file>", "JSON file with prices per million tokens, for the cost column")
    .option(
      "--concurrency <n>",
      "questions at once (default: 8 for hosted models, 1 for local ones)",
      wholeNumber(1),
    )
    .option(
      "--min-accuracy <x>",
      "exit with 1 when the first column's accuracy is below x",
      numberBetween(0, 1),
    )
    .option("--download", "fetch missing weights of local: models")
    .option("--timeout <seconds>", "longest time for one question", numberBetween(0.001, 86_400), 120)
    .option("--max-tokens <n>", "longest answer", wholeNumber(1), 512)
    .option("--max-pixels <n>", "pictures with more pixels are refused", wholeNumber(1), 40e6)
    .option("--trust-dataset", "let pictures lie outside the dataset's folder and in private networks")
    .action((dataset: string, options: CompareOptions) =>
      withStopSignal((signal) => compare(dataset, options, signal)),
    );
}

async function compare(name: string, options: CompareOptions, signal: AbortSignal): Promise<void> {
  const prices = options.prices === undefined ? {} : await loadPrices(options.prices);
  if (options.report !== undefined) await checkWritable(options.report);
  const dataset = await openDataset(name);
  const samples = limitSamples(dataset.samples, options.limit ?? Number.POSITIVE_INFINITY, options.seed);
  for (const sample of samples) references(sample);
  const loadImage = createImageLoader({
    ...{ baseDir: dataset.baseDir, maxPixels: options.maxPixels, signal },
    ...{ allowOutside: options.trustDataset, allowPrivate: options.trustDataset },
  });
  const columns = await createColumns(samples, options, loadImage);
  const progress = createProgress();
  let current: Column | undefined;
  const run = await runCompare(
    { samples, columns },
    {
      ...{ scorer: createScorer(), signal },
      onRow(column) {
        if (column !== current) progress.start(column.name, samples.length);
        current = column;
        progress.advance();
      },
    },
  ).finally(() => progress.stop());
  const summary = summarise(run, { dataset: name, samples, prices });
  process.stdout.write(
    options.json ? `${JSON.stringify(toJsonOutput(summary), undefined, 2)}\n` : formatTable(summary),
  );
  if (options.report !== undefined) {
    const data = await reportData(run, samples, loadImage);
    const file = path.resolve(options.report);
    await writeFileAtomic(file, await formatReport(summary, data, { version: packageVersion() }));
    if (!options.json) process.stdout.write(`\nReport: ${file}\n`);
  }
  if (options.json) process.stderr.write(summary.aborted ? `${notes(summary)}\n` : "");
  process.exitCode = exitCode(summary, options.minAccuracy);
}

async function createColumns(
  samples: readonly Sample[],
  options: CompareOptions,
  loadImage: ReturnType<typeof createImageLoader>,
): Promise<Column[]> {
  const models = [...new Set(options.model ?? ["tiny"])];
  const texts = options.technique ?? ["direct", "blind", majorityName];
  const isMajority = (text: string) => text.trim() === majorityName;
  const techniques = texts.filter((text) => !isMajority(text)).map(parseTechnique);
  const timeoutMs = options.timeout * 1000;
  const columns: Column[] = [];
  for (const modelName of techniques.length > 0 ? models : []) {
    const kind = parseModelSpec(modelName).kind;
    const isLocal = ["tiny", "folder", "hub"].includes(kind);
    const model = await openModel(modelName, { download: options.download, timeoutMs });
    for (const { spec, technique } of techniques) {
      const column = modelColumn({
        ...{ name: models.length > 1 ? `${modelName}/${spec}` : spec, technique: spec, modelName },
        ...{ model: technique(model), loadImage, seed: options.seed, timeoutMs },
        concurrency: options.concurrency ?? (isLocal ? 1 : hostedConcurrency),
        maxOutputTokens: options.maxTokens,
      });
      if (!columns.some(({ name }) => name === column.name)) columns.push(column);
    }
  }
  if (texts.some(isMajority)) {
    const column = majorityColumn(samples);
    if (isMajority(texts[0]!)) columns.unshift(column);
    else columns.push(column);
  }
  return columns;
}

function exitCode({ columns, aborted, n }: Summary, minAccuracy: number | undefined): number {
  if (aborted) return 130;
  const dead = columns.find(({ failed }) => failed === n);
  if (dead)
    process.stderr.write(`sightline: ${dead.name}: every question failed, most often: ${dead.failure}\n`);
  const first = columns[0]!;
  const isLow = minAccuracy !== undefined && first.accuracy! < minAccuracy;
  if (isLow) {
    const got = `${formatPercent(first.accuracy)}, below ${formatPercent(minAccuracy)}`;
    process.stderr.write(`sightline: ${first.name}: accuracy is ${got} (--min-accuracy).\n`);
  }
  return dead || isLow ? 1 : 0;
}
