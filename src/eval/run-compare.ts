// The runner: every column answers every question. A question that fails is a row too, counted as wrong and shown as
// failed. A column that has answered nothing and failed a few times over the setup (no key, no server) ends the run:
// every other question would end the same way.
import PQueue from "p-queue";
import { SetupError } from "../errors/index.ts";
import type { Sample, Scorer } from "../spec/index.ts";
import type { Answer } from "./call-model.ts";
import type { Column } from "./column.ts";

/** What one column made of one question. */
export interface Row extends Partial<Answer> {
  id: string;
  /** From 0 to 1; 0 for a failed question. */
  score: number;
  /** Why the answer scored as it did, when it is not obvious. */
  reason?: string;
  /** Why there is no answer. */
  error?: string;
}

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

export interface RunCompareOptions {
  scorer: Scorer;
  signal?: AbortSignal;
  /** Called after every row. */
  onRow?: (column: Column, row: Row) => void;
}

/** Runs the columns one after the other, so that one column's load does not show in another's latency. */
export async function runCompare(
  { samples, columns }: { samples: readonly Sample[]; columns: readonly Column[] },
  { scorer, signal, onRow }: RunCompareOptions,
): Promise<CompareRun> {
  const done: ColumnRun[] = [];
  for (const column of columns) {
    if (signal?.aborted) break;
    const rows = await runColumn(column, samples, { scorer, signal, onRow });
    done.push({ name: column.name, model: column.model, technique: column.technique, rows });
  }
  return { columns: done, aborted: signal?.aborted ?? false };
}

async function runColumn(
  column: Column,
  samples: readonly Sample[],
  { scorer, signal, onRow }: RunCompareOptions,
): Promise<Row[]> {
  const rows: (Row | undefined)[] = samples.map(() => undefined);
  const fatal = new AbortController();
  const stop = signal ? AbortSignal.any([signal, fatal.signal]) : fatal.signal;
  const queue = new PQueue({ concurrency: column.concurrency });
  let answered = 0;
  let setupFailures = 0;
  const ask = async (sample: Sample, index: number) => {
    if (stop.aborted) return;
    let row: Row;
    try {
      const answer = await column.answer(sample, stop);
      answered++;
      const { score, reason } = await scorer.score(answer.text, sample);
      row = { id: sample.id, ...answer, score, ...(reason ? { reason } : {}) };
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof SetupError && answered === 0) {
        setupFailures++;
        if (setupFailures >= Math.min(setupTries, samples.length)) return fatal.abort(error);
      }
      row = { id: sample.id, score: 0, error: messageOf(error) };
    }
    rows[index] = row;
    onRow?.(column, row);
  };
  for (const [index, sample] of samples.entries()) void queue.add(() => ask(sample, index));
  await queue.onIdle();
  if (fatal.signal.aborted) throw fatal.signal.reason;
  return rows.filter((row) => row !== undefined);
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replace(/\s+/g, " ").trim().slice(0, 500);
}
