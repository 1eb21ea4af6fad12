// Where rows go. The runner counts a row only when the recorder has it for good.
import {
  findResults,
  type JoinedResult,
  type RunLease,
  readResults,
  readScores,
  resultWriter,
  type Store,
  settledSamples,
} from "../store/index.ts";
import type { Column } from "./column.ts";
import type { ColumnRows } from "./column-rows.ts";
import type { Row, ScoredRow } from "./row.ts";

/** Keeps the rows of a run. */
export interface Recorder {
  /** Of these questions, the ones that need not be asked again. */
  settled(column: string, repeat: number, ids: string[]): Promise<Set<string>>;
  /** Resolves when the row cannot be lost any more. */
  add(column: string, row: Row): Promise<void>;
  /** Resolves when there is room for more. */
  ready(): Promise<void>;
  /** Resolves when everything added is kept. */
  flush(): Promise<void>;
}

/** Keeps rows in memory, by column. */
export function memoryRecorder(): Recorder & { rows: Map<string, Row[]> } {
  const rows = new Map<string, Row[]>();
  return {
    rows,
    settled: async () => new Set(),
    async add(column, row) {
      const list = rows.get(column);
      if (list) list.push(row);
      else rows.set(column, [row]);
    },
    ready: async () => {},
    flush: async () => {},
  };
}

export interface StoreRecorderOptions {
  /** Asks failed questions again. @default false */
  retryFailed?: boolean;
  /** The right to write to the run; without it nobody checks that it is still held. */
  lease?: Pick<RunLease, "confirm">;
}

/** Keeps rows in a store. */
export function storeRecorder(
  store: Store,
  run: string,
  { retryFailed = false, lease }: StoreRecorderOptions = {},
): Recorder {
  const writer = resultWriter(store, run, lease?.confirm);
  return {
    settled: (column, repeat, ids) =>
      settledSamples(store, run, { column, repeat, ids, failed: !retryFailed }),
    add(column, row) {
      const { id, seq: _, type: __, group: ___, repeat, score, error, ...answer } = row;
      const { latencyMs, inputTokens, outputTokens, ...data } = answer;
      return writer.add({
        ...{ column, question: id, repeat, score, error, latencyMs, inputTokens, outputTokens, data },
      });
    },
    ready: () => writer.ready(),
    flush: () => writer.flush(),
  };
}

/** A column of a stored run; its rows can be read again and again. */
export function storedColumn(
  store: Store,
  run: string,
  column: Pick<Column, "name" | "model" | "technique">,
): ColumnRows {
  const { name } = column;
  return {
    ...column,
    rows: { [Symbol.asyncIterator]: () => storedRows(store, run, name) },
    scores: { [Symbol.asyncIterator]: () => storedScores(store, run, name) },
    find: async (ids) => (await findResults(store, run, { column: name, ids })).map(rowOf),
  };
}

/** The rows of a column of a stored run, in the order of the dataset. */
export async function* storedRows(
  store: Store,
  run: string,
  column: string,
): AsyncGenerator<Row, void, undefined> {
  for await (const result of readResults(store, run, column)) yield rowOf(result);
}

async function* storedScores(
  store: Store,
  run: string,
  column: string,
): AsyncGenerator<ScoredRow, void, undefined> {
  for await (const { column: _, question: id, cluster: group, ...rest } of readScores(store, run, column))
    yield { id, group, ...rest };
}

function rowOf({ column: _, question: id, cluster: group, data, ...rest }: JoinedResult): Row {
  return { id, group, ...rest, ...(data as Partial<Row>) };
}
