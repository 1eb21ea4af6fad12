// What a measuring run leaves behind: judgements, the printed table or JSON, the report, the rating page, an exit code.
import path from "node:path";
import type { Samples } from "../data/formats/index.ts";
import {
  type Contamination,
  contaminationNote,
  faithfulnessOf,
  figuresOf,
  formatFaithfulness,
  formatFigures,
  formatJudge,
  formatPercent,
  formatReport,
  formatTable,
  heldInNote,
  type JudgeFigures,
  judgeRun,
  type LoadedImage,
  type MeasuredColumns,
  notes,
  orderFigures,
  orderNote,
  problemFigures,
  problemNote,
  type RunEnd,
  ratingItems,
  ratingPage,
  reportData,
  runJudgements,
  type Summary,
  storedGallery,
  storedVerdicts,
  type Task,
  toJsonOutput,
} from "../eval/index.ts";
import type { MediaSource } from "../spec/index.ts";
import type { ResponseCache, Store } from "../store/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { openCached } from "./columns.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { packageVersion } from "./package-version.ts";
import { createProgress } from "./progress.ts";

/** A run that has ended, with everything that was open for it. */
export interface Measured extends MeasuredColumns {
  samples: Samples;
  task: Task;
  /** By training data: which of the questions are in it. */
  overlaps: Record<string, Contamination>;
  options: MeasureOptions;
  store: Store;
  responses: ResponseCache;
  loadImage(image: MediaSource): Promise<LoadedImage>;
  signal: AbortSignal;
}

/** Judges where that was asked for, then prints and writes everything. */
export async function showMeasured(measured: Measured): Promise<void> {
  const { summary, columns, samples, task, overlaps, options, runId, end, store } = measured;
  const problems = await problemFigures(columns);
  const orders = await orderFigures(columns);
  const remarks = [
    ...remarksOf(task),
    ...Object.entries(overlaps).map(overlapNote),
    ...Object.entries(problems).map(problemNote),
    ...Object.entries(orders).map(orderNote),
  ];
  const figures = await figuresOf(task, columns, samples);
  const faithfulness = await faithfulnessOf(columns);
  const judged = options.judge !== undefined && end !== "stopped" ? await judge(measured) : undefined;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...toJsonOutput(summary), run: runId, figures, faithfulness, problems, orders, judged, overlaps }, undefined, 2)}\n`
      : formatTable(summary) +
          formatFigures(figures) +
          formatFaithfulness(faithfulness) +
          remarks.map((remark) => `\n${remark}\n`).join("") +
          (judged ? formatJudge(judged, options.judge!) : ""),
  );
  const say = (text: string) => options.json || process.stdout.write(text);
  if (options.report !== undefined) {
    const file = path.resolve(options.report);
    const data = await reportData(columns, storedGallery(store, runId, samples), {
      loadImage: measured.loadImage,
      verdicts: storedVerdicts(store, runId, columns),
    });
    const judgements = await runJudgements(store, runId, columns);
    const parts = { version: packageVersion(), figures, remarks, judgements, faithfulness };
    await writeFileAtomic(file, await formatReport(summary, data, parts));
    say(`\nReport: ${file}\n`);
  }
  if (options.ratingPage !== undefined) say(await writeRatingPage(options.ratingPage, measured));
  if (options.json && summary.aborted) process.stderr.write(`${notes(summary)}\n`);
  // A run in memory is gone when this process is.
  if (end === "complete" || store.address === ":memory:") return;
  const why = end === "budget" ? "The budget is spent. " : "";
  process.stderr.write(`sightline: ${why}Go on with --resume ${runId} (kept in ${store.address}).\n`);
}

/** What stands below the table of a benchmark. */
export function remarksOf(task: Task): string[] {
  return task.figures ? [heldInNote(task)] : [];
}

function overlapNote([name, found]: [string, Contamination]): string {
  return `${name}: ${contaminationNote(found)}`;
}

async function judge(measured: Measured): Promise<Record<string, JudgeFigures>> {
  const { options, responses, columns, samples, store, runId, loadImage, signal, summary } = measured;
  const { model, concurrency } = await openCached(options.judge!, options, responses);
  const progress = createProgress();
  progress.start("judge", summary.n * (columns.length - (options.judgeMode === "pair" ? 1 : 0)));
  try {
    return await judgeRun(
      store,
      runId,
      { columns, samples },
      {
        ...{ mode: options.judgeMode, model, loadImage, seed: options.seed, signal },
        concurrency: typeof concurrency === "number" ? concurrency : concurrency.limit(),
        onJudged: () => progress.advance(),
      },
    );
  } finally {
    progress.stop();
  }
}

async function writeRatingPage(file: string, measured: Measured): Promise<string> {
  const { columns, samples, options } = measured;
  const { seed, ratingQuestions: limit } = options;
  const items = await ratingItems(columns, samples, { loadImage: measured.loadImage, limit, seed });
  const { html, key } = await ratingPage({ title: "Rate the answers", items, seed });
  const keyFile = `${file.replace(/\.html?$/, "")}.key.json`;
  await writeFileAtomic(file, html);
  await writeFileAtomic(keyFile, `${JSON.stringify(key, undefined, 2)}\n`);
  return `\nRating page: ${path.resolve(file)}\nIts key, not for raters: ${path.resolve(keyFile)}\n`;
}

/** 0 fine, 1 nothing answered or below --min-accuracy, 3 budget spent, 130 stopped. */
export function measuredExitCode(
  { columns, n }: Summary,
  minAccuracy: number | undefined,
  end: RunEnd,
): number {
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
