// One measuring run from the command line: open dataset, models and store, ask, and hand over to the output.
import { type DatasetStream, flatMapSamples, limitStream, openDatasetStream } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import {
  assertHeldOut,
  type Column,
  type Contamination,
  contamination,
  costOf,
  createImageLoader,
  formatPercent,
  loadPrices,
  makeManifest,
  measureColumns,
  type Prices,
  type Row,
  type RunOptions,
  references,
  taskFor,
} from "../eval/index.ts";
import { createResponseCache } from "../store/index.ts";
import { checkWritable } from "./check-writable.ts";
import { createColumns, parseControls } from "./columns.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { measuredExitCode, showMeasured } from "./measure-output.ts";
import { packageVersion } from "./package-version.ts";
import { createProgress, type Progress } from "./progress.ts";
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
  const dataset = await openDatasetStream(name);
  await assertHeldOut(dataset.samples, { name, allowTrain: options.allowTrain });
  const limited = await limitStream(dataset.samples, options.limit ?? Number.POSITIVE_INFINITY, options.seed);
  const task = await taskFor(dataset);
  const samples = task.expand ? flatMapSamples(limited, task.expand) : limited;
  for await (const sample of samples) references(sample);
  const overlaps = await overlapsWith(
    options.trainData ?? [],
    { ...dataset, samples: limited },
    options,
    signal,
  );
  const loadImage = createImageLoader({
    ...{ baseDir: dataset.baseDir, maxPixels: options.maxPixels, signal },
    ...{ allowOutside: options.trustDataset, allowPrivate: options.trustDataset },
  });
  const isPlain = options.controls === undefined && options.technique === undefined;
  const controls = isPlain ? defaults.controls : parseControls(options.controls);

  await withStore(options, async (store) => {
    const responses = createResponseCache(store);
    const asked = options.faithfulness ? ["reason"] : defaults.techniques;
    const techniques = options.technique ?? asked;
    const named = await createColumns(samples, options, { techniques, controls, loadImage, responses });
    const columns = named.map(({ column }) => column);
    const manifest = await makeManifest({
      ...{ dataset: name, samples, scorer: task.scorer.name, version: packageVersion() },
      columns: named.map(({ column, weights }) => ({ ...column, weights })),
      ...{ seed: options.seed, temperature: options.temperature, repeats: options.repeat },
      ...{ maxOutputTokens: options.maxTokens, timeoutMs: options.timeout * 1000 },
    });
    const progress = createProgress();
    try {
      const measured = await measureColumns(
        { samples, columns },
        {
          ...{ store, scorer: task.scorer, signal, prices, retryFailed: options.retryFailed },
          manifest,
          ...(options.resume === undefined
            ? {}
            : { resume: options.resume === true ? "latest" : options.resume }),
          ...budgetOf(options, prices),
          ...progressOf(progress, manifest.dataset.questions * options.repeat),
          onChanged: (count) =>
            process.stderr.write(`sightline: ${count} questions have changed and are asked again.\n`),
        },
      ).finally(() => progress.stop());
      await showMeasured({
        ...measured,
        samples,
        task,
        overlaps,
        options,
        store,
        responses,
        loadImage,
        signal,
      });
      process.exitCode = measuredExitCode(measured.summary, options.minAccuracy, measured.end);
    } finally {
      await responses.flush();
    }
  });
}

/** What of the questions is in training data that the caller names. */
async function overlapsWith(
  trainData: readonly string[],
  measured: DatasetStream,
  { trustDataset: allowOutside }: MeasureOptions,
  signal: AbortSignal,
): Promise<Record<string, Contamination>> {
  const overlaps: Record<string, Contamination> = {};
  for (const name of trainData)
    overlaps[name] = await contamination(measured, await openDatasetStream(name), { allowOutside, signal });
  return overlaps;
}

/** Shows the column that is asked, how far it is and its score so far. */
function progressOf(progress: Progress, total: number): Pick<RunOptions, "onRow" | "onSettled"> {
  let current: Column | undefined;
  let scores = { sum: 0, n: 0 };
  const show = (column: Column) => {
    if (column === current) return;
    progress.start(column.name, total);
    current = column;
    scores = { sum: 0, n: 0 };
  };
  return {
    onSettled(column, count) {
      show(column);
      for (let i = 0; i < count; i++) progress.advance();
    },
    onRow(column, row) {
      show(column);
      scores = { sum: scores.sum + row.score, n: scores.n + 1 };
      progress.advance(undefined, formatPercent(scores.sum / scores.n));
    },
  };
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
