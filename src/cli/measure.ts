// One measuring run from the command line: open dataset, models and store, ask, and hand over to the output.
import { type Dataset, limitSamples, openDataset } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import {
  assertHeldOut,
  type Column,
  type ColumnRows,
  costOf,
  createImageLoader,
  formatPercent,
  loadPrices,
  type Prices,
  type Row,
  type RunEnd,
  type RunManifest,
  references,
  resumeRun,
  runColumns,
  samplesHash,
  startRun,
  storedRows,
  storeRecorder,
  summarise,
  taskFor,
} from "../eval/index.ts";
import type { Sample, Scorer } from "../spec/index.ts";
import { createResponseCache, finishRun, type Store } from "../store/index.ts";
import { checkWritable } from "./check-writable.ts";
import { createColumns, type NamedColumn, parseControls } from "./columns.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { measuredExitCode, showMeasured } from "./measure-output.ts";
import { packageVersion } from "./package-version.ts";
import { createProgress } from "./progress.ts";
import { withStore } from "./store-option.ts";

/** What is asked when the command line does not say. */
export interface MeasureDefaults {
  techniques: readonly string[];
  controls: readonly string[];
}

/** Measures, shows the result and leaves the exit code. */
export async function measure(
  name: string,
  options: MeasureOptions,
  { defaults, signal }: { defaults: MeasureDefaults; signal: AbortSignal },
): Promise<void> {
  const prices = options.prices === undefined ? {} : await loadPrices(options.prices);
  for (const file of [options.report, options.ratingPage]) if (file !== undefined) await checkWritable(file);
  if (options.maxCost !== undefined && options.prices === undefined)
    throw new InputError({ where: "--max-cost", rule: "needs the prices of tokens", hint: "Add --prices." });
  if (options.retryFailed && options.resume === undefined)
    throw new InputError({ where: "--retry-failed", rule: "works on an earlier run", hint: "Add --resume." });
  const dataset = await openDataset(name);
  assertHeldOut(dataset.samples, { name, allowTrain: options.allowTrain });
  const limited = limitSamples(dataset.samples, options.limit ?? Number.POSITIVE_INFINITY, options.seed);
  const task = taskFor(dataset);
  const samples = task.expand?.(limited) ?? limited;
  for (const sample of samples) references(sample);
  const loadImage = createImageLoader({
    ...{ baseDir: dataset.baseDir, maxPixels: options.maxPixels, signal },
    ...{ allowOutside: options.trustDataset, allowPrivate: options.trustDataset },
  });
  const isPlain = options.controls === undefined && options.technique === undefined;
  const controls = isPlain ? defaults.controls : parseControls(options.controls);

  await withStore(options, async (store) => {
    const responses = createResponseCache(store);
    const techniques = options.technique ?? defaults.techniques;
    const named = await createColumns(samples, options, { techniques, controls, loadImage, responses });
    const manifest = manifestOf(dataset, { samples, named, options, scorer: task.scorer.name });
    const { lease, changed } =
      options.resume === undefined
        ? await startRun(store, { manifest, samples })
        : await resumeRun(store, options.resume === true ? "latest" : options.resume, { manifest, samples });
    const runId = lease.run.id;
    if (changed > 0)
      process.stderr.write(`sightline: ${changed} questions have changed and are asked again.\n`);
    try {
      const { scorer } = task;
      const end = await ask(store, runId, { named, samples, scorer, options, prices, signal });
      if (end === "complete") await finishRun(store, runId);
      const columns: ColumnRows[] = named.map(({ column: { name: column, model, technique } }) => ({
        ...{ name: column, model, technique },
        rows: { [Symbol.asyncIterator]: () => storedRows(store, runId, column) },
      }));
      const summary = await summarise(
        { columns, aborted: end !== "complete" },
        { dataset: name, n: samples.length, repeats: options.repeat, prices },
      );
      await showMeasured(
        { runId, end, columns, samples, task, options, store, responses, loadImage, signal },
        summary,
      );
      process.exitCode = measuredExitCode(summary, options.minAccuracy, end);
    } finally {
      await responses.flush();
      await lease.release();
    }
  });
}

interface Asked {
  named: readonly NamedColumn[];
  samples: readonly Sample[];
  options: MeasureOptions;
}

async function ask(
  store: Store,
  runId: string,
  {
    named,
    samples,
    scorer,
    options,
    prices,
    signal,
  }: Asked & { scorer: Scorer; prices: Prices; signal: AbortSignal },
): Promise<RunEnd> {
  const progress = createProgress();
  let current: Column | undefined;
  let scores = { sum: 0, n: 0 };
  const show = (column: Column) => {
    if (column === current) return;
    progress.start(column.name, samples.length * options.repeat);
    current = column;
    scores = { sum: 0, n: 0 };
  };
  try {
    return await runColumns(
      { samples, columns: named.map(({ column }) => column) },
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
    const money = maxCost === undefined ? 0 : (costOf(prices, model, { input, output }) ?? 0) / maxCost;
    const tokens = maxTotalTokens === undefined ? 0 : ((input ?? 0) + (output ?? 0)) / maxTotalTokens;
    return Math.max(money, tokens);
  };
  return { budget: { most: 1, cost } };
}

function manifestOf(
  dataset: Dataset,
  { samples, named, options, scorer }: Asked & { scorer: string },
): RunManifest {
  return {
    ...{ version: packageVersion(), node: process.version, platform: `${process.platform}-${process.arch}` },
    dataset: { name: dataset.name, hash: samplesHash(samples), questions: samples.length },
    scorer,
    columns: named.map(({ column: { name, model, technique }, weights }) => ({
      ...{ name, model, technique },
      ...(weights === undefined ? {} : { weights }),
    })),
    ...{ seed: options.seed, temperature: options.temperature, maxOutputTokens: options.maxTokens },
    ...{ timeoutMs: options.timeout * 1000, repeats: options.repeat },
  };
}
