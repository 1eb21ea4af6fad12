// Where rows go. The runner counts a row only when the recorder has it for good.
import { readResults, resultWriter, type Store, settledSamples } from "../store/index.ts";
import type { Row } from "./row.ts";

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

/** Keeps rows in a store. @param options.retryFailed asks failed questions again */
export function storeRecorder(
  store: Store,
  run: string,
  { retryFailed = false }: { retryFailed?: boolean } = {},
): Recorder {
  const writer = resultWriter(store, run);
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

/** The rows of a column of a stored run, in the order of the dataset. */
export async function* storedRows(
  store: Store,
  run: string,
  column: string,
): AsyncGenerator<Row, void, undefined> {
  for await (const result of readResults(store, run, column)) {
    const { column: _, question: id, cluster: group, data, ...rest } = result;
    yield { id, group, ...rest, ...(data as Partial<Row>) };
  }
}
