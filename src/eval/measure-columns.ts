// A whole measurement in a store: start a run or go on with one, ask every column every question, and sum up.
import type { Samples } from "../data/formats/index.ts";
import { countResults, finishRun, type Store } from "../store/index.ts";
import type { Column } from "./column.ts";
import type { ColumnRows } from "./column-rows.ts";
import type { RunManifest } from "./manifest.ts";
import type { Prices } from "./prices.ts";
import { storedColumn, storeRecorder } from "./recorder.ts";
import { type RunEnd, type RunOptions, runColumns } from "./run-compare.ts";
import { resumeRun, startRun } from "./stored-run.ts";
import { type Summary, summarise } from "./summary.ts";

export interface MeasureColumnsOptions extends Omit<RunOptions, "recorder"> {
  store: Store;
  /** How the run is made; `makeManifest` builds it. */
  manifest: RunManifest;
  /** Goes on with this run: its id, the start of it, or `latest`. @default a new run */
  resume?: string;
  /** Asks failed questions of a resumed run again. @default false */
  retryFailed?: boolean;
  prices?: Prices;
  /** Called with the number of questions that have changed since the run was last worked on, when there are any. */
  onChanged?: (count: number) => void;
}

/** A measurement that has ended. */
export interface MeasuredColumns {
  runId: string;
  end: RunEnd;
  /** Rows are read from the store, again and again if wanted. */
  columns: ColumnRows[];
  summary: Summary;
}

/** Measures columns on Samples and keeps every answer. */
export async function measureColumns(
  { samples, columns }: { samples: Samples; columns: readonly Column[] },
  { store, manifest, resume, retryFailed, prices, onChanged, ...options }: MeasureColumnsOptions,
): Promise<MeasuredColumns> {
  const { lease, changed } =
    resume === undefined
      ? await startRun(store, { manifest, samples })
      : await resumeRun(store, resume, { manifest, samples });
  const { id: runId } = lease.run;
  try {
    if (changed > 0) onChanged?.(changed);
    const recorder = storeRecorder(store, runId, { retryFailed, lease });
    const { repeats } = manifest;
    const signal = AbortSignal.any([lease.lost, ...(options.signal ? [options.signal] : [])]);
    const end = await runColumns({ samples, columns }, { ...options, signal, repeats, recorder });
    lease.lost.throwIfAborted();
    if (end === "complete") await finishRun(store, runId);
    const kept: ColumnRows[] = [];
    for (const [i, { name, model, technique }] of columns.entries()) {
      // A run that was stopped may never have come to its later columns.
      const isAsked = end === "complete" || i === 0 || (await countResults(store, runId, name)) > 0;
      if (isAsked) kept.push(storedColumn(store, runId, { name, model, technique }));
    }
    const summary = await summarise(
      { columns: kept, aborted: end !== "complete" },
      { dataset: manifest.dataset.name, n: manifest.dataset.questions, repeats, prices },
    );
    return { runId, end, columns: kept, summary };
  } finally {
    await lease.release();
  }
}
