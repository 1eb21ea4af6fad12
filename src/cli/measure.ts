// One measuring run from the command line: open dataset, models and store, ask, summarise, print, write the report.
import path from "node:path";
import { type Dataset, limitSamples, openDataset } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import {
  type Column,
  type ColumnRows,
  costOf,
  createImageLoader,
  type Figure,
  figuresOf,
  formatFigures,
  formatPercent,
  formatReport,
  formatTable,
  galleryQuestion,
  loadPrices,
  notes,
  type Prices,
  type Row,
  type RunManifest,
  references,
  reportData,
  resumeRun,
  runColumns,
  type Summary,
  samplesHash,
  startRun,
  storedRows,
  storeRecorder,
  summarise,
  taskFor,
  toJsonOutput,
} from "../eval/index.ts";
import type { Sample } from "../spec/index.ts";
import { createResponseCache, finishRun, type Store } from "../store/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { checkWritable } from "./check-writable.ts";
import { createColumns, type NamedColumn, parseControls } from "./columns.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { packageVersion } from "./package-version.ts";
import { createProgress } from "./progress.ts";
import { withStore } from "./store-option.ts";

/** What is asked when the command line does not say. */
export interface MeasureDefaults {
  techniques: readonly string[];
  controls: readonly string[];
}

/** Measures and leaves the exit code: 1 below --min-accuracy or nothing answered, 3 budget spent, 130 stopped. */
export async function measure(
  name: string,
  options: MeasureOptions,
  { defaults, signal }: { defaults: MeasureDefaults; signal: AbortSignal },
): Promise<void> {
  const prices = options.prices === undefined ? {} : await loadPrices(options.prices);
  if (options.report !== undefined) await checkWritable(options.report);
  if (options.maxCost !== undefined && options.prices === undefined)
    throw new InputError({ where: "--max-cost", rule: "needs the prices of tokens", hint: "Add --prices." });
  if (options.retryFailed && options.resume === undefined)
    throw new InputError({ where: "--retry-failed", rule: "works on an earlier run", hint: "Add --resume." });
  const dataset = await openDataset(name);
  const task = taskFor(dataset);
  const limited = limitSamples(dataset.samples, options.limit ?? Number.POSITIVE_INFINITY, options.seed);
  const samples = task.expand?.(limited) ?? limited;
  for (const sample of samples) references(sample);
  const loadImage = createImageLoader({
    ...{ baseDir: dataset.baseDir, maxPixels: options.maxPixels, signal },
    ...{ allowOutside: options.trustDataset, allowPrivate: options.trustDataset },
  });
  const controls =
    options.controls === undefined && options.technique === undefined
      ? defaults.controls
      : parseControls(options.controls);

  await withStore(options, async (store) => {
    const responses = createResponseCache(store);
    const columns = await createColumns(samples, options, {
      ...{ techniques: options.technique ?? defaults.techniques, controls, loadImage, responses },
    });
    const manifest = manifestOf(dataset, { samples, columns, options, scorer: task.scorer.name });
    const opened =
      options.resume === undefined
        ? await startRun(store, { manifest, samples })
        : await resumeRun(store, options.resume === true ? "latest" : options.resume, { manifest, samples });
    const { lease, changed } = opened;
    const runId = lease.run.id;
    if (changed > 0)
      process.stderr.write(
        `sightline: ${changed} questions have changed since run ${runId} and are asked again.\n`,
      );
    try {
      const end = await ask(store, runId, { columns, samples, scorer: task.scorer, options, prices, signal });
      if (end === "complete") await finishRun(store, runId);
      const kept: ColumnRows[] = columns.map(({ column }) => ({
        ...{ name: column.name, model: column.model, technique: column.technique },
        rows: { [Symbol.asyncIterator]: () => storedRows(store, runId, column.name) },
      }));
      const summary = await summarise(
        { columns: kept, aborted: end !== "complete" },
        { dataset: name, n: samples.length, repeats: options.repeat, prices },
      );
      const figures = await figuresOf(task, kept, samples);
      await print(summary, figures, { kept, samples, options, loadImage, runId, store, end });
      process.exitCode = exitCode(summary, options.minAccuracy, end);
    } finally {
      await responses.flush();
      await lease.release();
    }
  });
}

async function ask(
  store: Store,
  runId: string,
  {
    columns,
    samples,
    scorer,
    options,
    prices,
    signal,
  }: {
    columns: readonly NamedColumn[];
    samples: readonly Sample[];
    scorer: ReturnType<typeof taskFor>["scorer"];
    options: MeasureOptions;
    prices: Prices;
    signal: AbortSignal;
  },
) {
  const progress = createProgress();
  const total = samples.length * options.repeat;
  let current: Column | undefined;
  let scores = { sum: 0, n: 0 };
  const show = (column: Column) => {
    if (column === current) return;
    progress.start(column.name, total);
    current = column;
    scores = { sum: 0, n: 0 };
  };
  try {
    return await runColumns(
      { samples, columns: columns.map(({ column }) => column) },
      {
        ...{ scorer, signal, repeats: options.repeat },
        recorder: storeRecorder(store, runId, { retryFailed: options.retryFailed }),
        ...budgetOf(options, prices),
        onSettled(column, count) {
          show(column);
          for (let i = 0; i < count; i++) progress.advance();
        },
        onRow(column, row) {
          show(column);
          scores = { sum: scores.sum + row.score, n: scores.n + 1 };
          progress.advance(undefined, formatPercent(scores.sum / scores.n));
        },
      },
    );
  } finally {
    progress.stop();
  }
}

function budgetOf({ maxCost, maxTotalTokens }: MeasureOptions, prices: Prices) {
  if (maxCost === undefined && maxTotalTokens === undefined) return {};
  // Both caps as one number: the share of the budget that a row takes; the tighter cap counts.
  const cost = ({ model }: Column, row: Row): number => {
    if (row.cachedCalls) return 0;
    const { inputTokens: input, outputTokens: output } = row;
    const money = costOf(prices, model, { input, output }) ?? 0;
    const tokens = (input ?? 0) + (output ?? 0);
    return Math.max(
      maxCost === undefined ? 0 : money / maxCost,
      maxTotalTokens ? tokens / maxTotalTokens : 0,
    );
  };
  return { budget: { most: 1, cost } };
}

function manifestOf(
  dataset: Dataset,
  {
    samples,
    columns,
    options,
    scorer,
  }: {
    samples: readonly Sample[];
    columns: readonly NamedColumn[];
    options: MeasureOptions;
    scorer: string;
  },
): RunManifest {
  return {
    ...{ version: packageVersion(), node: process.version, platform: `${process.platform}-${process.arch}` },
    dataset: { name: dataset.name, hash: samplesHash(samples), questions: samples.length },
    scorer,
    columns: columns.map(({ column: { name, model, technique }, weights }) => ({
      ...{ name, model, technique },
      ...(weights === undefined ? {} : { weights }),
    })),
    ...{ seed: options.seed, temperature: options.temperature, maxOutputTokens: options.maxTokens },
    ...{ timeoutMs: options.timeout * 1000, repeats: options.repeat },
  };
}

async function print(
  summary: Summary,
  figures: Record<string, Figure[]>,
  {
    kept,
    samples,
    options,
    loadImage,
    runId,
    store,
    end,
  }: {
    kept: readonly ColumnRows[];
    samples: readonly Sample[];
    options: MeasureOptions;
    loadImage: ReturnType<typeof createImageLoader>;
    runId: string;
    store: Store;
    end: string;
  },
): Promise<void> {
  const out = options.json
    ? `${JSON.stringify({ ...toJsonOutput(summary), run: runId, figures }, undefined, 2)}\n`
    : formatTable(summary) + formatFigures(figures);
  process.stdout.write(out);
  if (options.report !== undefined) {
    const data = await reportData(kept, samples.map(galleryQuestion), { loadImage });
    const file = path.resolve(options.report);
    await writeFileAtomic(file, await formatReport(summary, data, { version: packageVersion() }));
    if (!options.json) process.stdout.write(`\nReport: ${file}\n`);
  }
  if (options.json && summary.aborted) process.stderr.write(`${notes(summary)}\n`);
  if (end === "complete") return;
  const why = end === "budget" ? "The budget is spent. " : "";
  process.stderr.write(`sightline: ${why}Go on with --resume ${runId} (kept in ${store.address}).\n`);
}

function exitCode({ columns, n }: Summary, minAccuracy: number | undefined, end: string): number {
  if (end === "stopped") return 130;
  const dead = columns.find(({ failed }) => failed === n);
  if (dead)
    process.stderr.write(`sightline: ${dead.name}: every question failed, most often: ${dead.failure}\n`);
  const first = columns[0]!;
  const isLow = minAccuracy !== undefined && first.accuracy! < minAccuracy;
  if (isLow) {
    const got = `${formatPercent(first.accuracy)}, below ${formatPercent(minAccuracy)}`;
    process.stderr.write(`sightline: ${first.name}: accuracy is ${got} (--min-accuracy).\n`);
  }
  if (dead || isLow) return 1;
  return end === "budget" ? 3 : 0;
}
