// The runner: every column answers every question. A question that fails is a row too, counted as wrong and shown as
// failed. A column that has answered nothing and failed a few times over the setup (no key, no server) ends the run:
// every other question would end the same way. Rows that the recorder has already are not asked for again, which is
// all that resuming means.
import type { Samples } from "../data/formats/index.ts";
import { SetupError } from "../errors/index.ts";
import type { Sample, Scorer } from "../spec/index.ts";
import { sleep } from "../util/sleep.ts";
import type { Column } from "./column.ts";
import { fixedPace } from "./pacer.ts";
import { memoryRecorder, type Recorder } from "./recorder.ts";
import { type Row, untyped } from "./row.ts";

/** A column with its rows, in the order of the questions; fewer when the run was stopped. */
export interface ColumnRun extends Pick<Column, "name" | "model" | "technique"> {
  rows: Row[];
}

export interface CompareRun {
  columns: ColumnRun[];
  /** True when the run was stopped before its end. */
  aborted: boolean;
}

/** Questions that may fail over the setup before a column's first answer. */
const setupTries = 3;
/** Questions whose state is looked up together. */
const lookAhead = 256;

export interface RunOptions {
  scorer: Scorer;
  recorder: Recorder;
  signal?: AbortSignal;
  /** How often every question is asked. @default 1 */
  repeats?: number;
  /** Ends the run when what its answers cost reaches `most`. Rows whose cost is unknown cost nothing. */
  budget?: { most: number; cost(column: Column, row: Row): number | undefined };
  /** Called when a row is saved for good. */
  onRow?: (column: Column, row: Row) => void;
  /** Called for questions that were answered in an earlier sitting. */
  onSettled?: (column: Column, count: number) => void;
}

/** Why a run ended before its end. */
export type RunEnd = "complete" | "stopped" | "budget";

/** Runs the columns one after the other, so that one column's load does not show in another's latency. */
export async function runColumns(
  { samples, columns }: { samples: Samples; columns: readonly Column[] },
  options: RunOptions,
): Promise<RunEnd> {
  const spent = { cost: 0 };
  for (const column of columns) {
    for (let repeat = 0; repeat < (options.repeats ?? 1); repeat++) {
      if (options.signal?.aborted) return "stopped";
      await runColumn(column, samples, { ...options, repeat, spent });
      if (options.budget && spent.cost >= options.budget.most) return "budget";
    }
  }
  return options.signal?.aborted ? "stopped" : "complete";
}

/** Runs the columns and keeps the rows in memory. */
export async function runCompare(
  { samples, columns }: { samples: Samples; columns: readonly Column[] },
  options: Omit<RunOptions, "recorder" | "onSettled">,
): Promise<CompareRun> {
  const recorder = memoryRecorder();
  const started: Column[] = [];
  let aborted = false;
  for (const column of columns) {
    if (options.signal?.aborted) break;
    started.push(column);
    const end = await runColumns({ samples, columns: [column] }, { ...options, recorder });
    aborted ||= end !== "complete";
  }
  const rowsOf = (name: string) =>
    (recorder.rows.get(name) ?? []).sort((a, b) => a.seq - b.seq || a.repeat - b.repeat);
  return {
    columns: started.map(({ name, model, technique }) => ({ name, model, technique, rows: rowsOf(name) })),
    aborted: aborted || started.length < columns.length,
  };
}

async function runColumn(
  column: Column,
  samples: Samples,
  options: RunOptions & { repeat: number; spent: { cost: number } },
): Promise<void> {
  const { scorer, recorder, signal, repeat, budget, spent, onRow, onSettled } = options;
  const fatal = new AbortController();
  const stop = signal ? AbortSignal.any([signal, fatal.signal]) : fatal.signal;
  const pace = typeof column.concurrency === "number" ? fixedPace(column.concurrency) : column.concurrency;
  const open = new Set<Promise<void>>();
  const saving = new Set<Promise<void>>();
  let answered = 0;
  const unheard: { row: Row; error: SetupError }[] = [];

  const save = (row: Row) => {
    const saved = recorder.add(column.name, row).then(
      () => onRow?.(column, row),
      (error: unknown) => fatal.abort(error),
    );
    saving.add(saved);
    void saved.finally(() => saving.delete(saved));
  };
  const ask = async (sample: Sample, seq: number) => {
    const { id, type = untyped, group = id } = sample;
    const place = { id, seq, repeat, type, group };
    try {
      const answer = await column.answer(sample, stop, repeat);
      answered++;
      pace.answered();
      for (const { row } of unheard.splice(0)) save(row);
      const { score, reason } = await scorer.score(answer.text, sample);
      const row: Row = { ...place, ...answer, score, ...(reason ? { reason } : {}) };
      spent.cost += budget?.cost(column, row) ?? 0;
      save(row);
    } catch (error) {
      if (stop.aborted) return;
      const row: Row = { ...place, score: 0, error: messageOf(error) };
      if (!(error instanceof SetupError) || answered > 0) return save(row);
      // Kept back: if nothing is ever answered, these questions were not asked, and a resumed run asks them again.
      unheard.push({ row, error });
      if (unheard.length >= setupTries) fatal.abort(error);
    }
  };
  const isOver = () => stop.aborted || (budget !== undefined && spent.cost >= budget.most);

  try {
    for await (const { sample, seq } of unsettled()) {
      while (!isOver() && (open.size >= pace.limit() || pace.waitMs() > 0)) {
        const wait = pace.waitMs();
        if (open.size >= pace.limit()) await Promise.race(open);
        else if (wait > 0) await sleep(wait, stop).catch(() => {});
      }
      await recorder.ready();
      if (isOver()) break;
      const asking: Promise<void> = ask(sample, seq).finally(() => open.delete(asking));
      open.add(asking);
    }
    await Promise.all(open);
    if (unheard[0] && !stop.aborted) fatal.abort(unheard[0].error);
    await recorder.flush().catch((error: unknown) => fatal.abort(error));
    await Promise.all(saving);
    if (fatal.signal.aborted) throw fatal.signal.reason;
  } finally {
    fatal.abort();
  }

  async function* unsettled(): AsyncGenerator<{ sample: Sample; seq: number }> {
    let ahead: { sample: Sample; seq: number }[] = [];
    let seq = 0;
    const drain = async function* () {
      const ids = ahead.map(({ sample }) => sample.id);
      const settled = await recorder.settled(column.name, repeat, ids);
      if (settled.size > 0) onSettled?.(column, settled.size);
      for (const entry of ahead) if (!settled.has(entry.sample.id)) yield entry;
      ahead = [];
    };
    for await (const sample of samples) {
      ahead.push({ sample, seq: seq++ });
      if (ahead.length === lookAhead) yield* drain();
    }
    if (ahead.length > 0) yield* drain();
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/\s+/g, " ").trim().slice(0, 500);
}
