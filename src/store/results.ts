// Results of a run. Writing is idempotent: the same result twice is one row, the later one.
import type { Selectable } from "kysely";
import { createGroupWriter, type GroupWriter } from "./group-writer.ts";
import { asStoreError, type Store } from "./open-store.ts";
import { pages, rowsPerRead } from "./pages.ts";
import type { StoredQuestion } from "./questions.ts";
import type { Tables } from "./schema.ts";

/** What one column made of one question. */
export interface ResultRow {
  column: string;
  question: string;
  repeat: number;
  score: number;
  error?: string;
  latencyMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  /** Answer, rationale, reason, trace. */
  data: unknown;
}

/** A result with what its question says about it. */
export type JoinedResult = ResultRow & Pick<StoredQuestion, "seq" | "type" | "cluster">;

/** What is counted of a result. */
export type ScoredResult = Omit<JoinedResult, "data">;

/**
 * A writer of results: `add` resolves once the result cannot be lost any more.
 * @param confirm throws when the run is not ours to write to; asked before every group
 */
export function resultWriter(
  store: Store,
  run: string,
  confirm: () => Promise<void> = async () => {},
): GroupWriter<ResultRow> {
  return createGroupWriter<ResultRow>({
    async write(rows) {
      // The last of several results for one question counts; one statement may not touch a row twice.
      const last = new Map(rows.map((row) => [JSON.stringify([row.column, row.question, row.repeat]), row]));
      try {
        await confirm();
        await store.db
          .insertInto("results")
          .values([...last.values()].map((row) => toStored(run, row)))
          .onConflict((conflict) =>
            conflict.columns(["run", "column_name", "question", "repeat"]).doUpdateSet((row) => ({
              ...{ score: row.ref("excluded.score"), error: row.ref("excluded.error") },
              ...{ latency_ms: row.ref("excluded.latency_ms"), data: row.ref("excluded.data") },
              input_tokens: row.ref("excluded.input_tokens"),
              output_tokens: row.ref("excluded.output_tokens"),
            })),
          )
          .execute();
      } catch (error) {
        throw asStoreError(error, store.address);
      }
    },
  });
}

/** Of these questions, the ones that a column has answered already in this repetition; failed ones only on request. */
export async function settledSamples(
  store: Store,
  run: string,
  { column, repeat, ids, failed }: { column: string; repeat: number; ids: string[]; failed: boolean },
): Promise<Set<string>> {
  const rows = await store.db
    .selectFrom("results")
    .select(["question", "error"])
    .where("run", "=", run)
    .where("column_name", "=", column)
    .where("repeat", "=", repeat)
    .where("question", "in", ids)
    .execute();
  return new Set(rows.filter(({ error }) => failed || error === null).map(({ question }) => question));
}

/** Results of a column in the order of the dataset, read in pieces. */
export async function* readResults(
  store: Store,
  run: string,
  column: string,
): AsyncGenerator<JoinedResult, void, undefined> {
  const read = (last: Place | undefined) => after(last, store, run, column).select("results.data").execute();
  for await (const row of pages(read)) yield { ...fromStored(row), data: JSON.parse(row.data) };
}

/** Results of a column in the order of the dataset without what was said, which takes a fraction of the time. */
export async function* readScores(
  store: Store,
  run: string,
  column: string,
): AsyncGenerator<ScoredResult, void, undefined> {
  for await (const row of pages((last: Place | undefined) => after(last, store, run, column).execute()))
    yield fromStored(row);
}

/** Results of a column for these questions, in the order of the dataset. */
export async function findResults(
  store: Store,
  run: string,
  { column, ids }: { column: string; ids: readonly string[] },
): Promise<JoinedResult[]> {
  const found: JoinedResult[] = [];
  for (let i = 0; i < ids.length; i += rowsPerRead) {
    const rows = await joined(store, run, column)
      .select("results.data")
      .where("results.question", "in", ids.slice(i, i + rowsPerRead))
      .execute();
    found.push(...rows.map((row) => ({ ...fromStored(row), data: JSON.parse(row.data) as unknown })));
  }
  return found.sort(
    (a, b) =>
      a.seq - b.seq || (a.question < b.question ? -1 : +(a.question > b.question)) || a.repeat - b.repeat,
  );
}

type Place = Pick<JoinedResult, "seq" | "question" | "repeat">;

/** Results of a column with what their questions say, in no order. */
function joined(store: Store, run: string, column: string) {
  return store.db
    .selectFrom("results")
    .innerJoin("questions", (join) =>
      join.onRef("questions.run", "=", "results.run").onRef("questions.id", "=", "results.question"),
    )
    .select([
      "column_name",
      "question",
      "repeat",
      "score",
      "error",
      "latency_ms",
      "input_tokens",
      "output_tokens",
    ])
    .select(["questions.seq", "questions.type", "questions.cluster"])
    .where("questions.run", "=", run)
    .where("results.column_name", "=", column);
}

/** The next results behind a place. */
function after(last: Place | undefined, store: Store, run: string, column: string) {
  const from = last ?? { seq: -1, question: "", repeat: 0 };
  return (
    joined(store, run, column)
      // Said again below; alone it lets the database seek in the index instead of reading from the start.
      .where("questions.seq", ">=", from.seq)
      .where((where) =>
        where.or([
          where("questions.seq", ">", from.seq),
          where.and([where("questions.seq", "=", from.seq), where("questions.id", ">", from.question)]),
          where.and([
            ...[where("questions.seq", "=", from.seq), where("questions.id", "=", from.question)],
            where("results.repeat", ">", from.repeat),
          ]),
        ]),
      )
      .orderBy("questions.seq")
      .orderBy("questions.id")
      .orderBy("results.repeat")
      .limit(rowsPerRead)
  );
}

/** Number of results of a column. */
export async function countResults(store: Store, run: string, column: string): Promise<number> {
  const { n } = await store.db
    .selectFrom("results")
    .select((row) => row.fn.countAll().as("n"))
    .where("run", "=", run)
    .where("column_name", "=", column)
    .executeTakeFirstOrThrow();
  return Number(n);
}

function toStored(run: string, row: ResultRow): Tables["results"] {
  return {
    ...{ run, column_name: row.column, question: row.question, repeat: row.repeat, score: row.score },
    ...{ error: row.error ?? null, latency_ms: row.latencyMs ?? null },
    ...{ input_tokens: row.inputTokens ?? null, output_tokens: row.outputTokens ?? null },
    data: JSON.stringify(row.data),
  };
}

type ScalarRow = Omit<Selectable<Tables["results"]>, "run" | "data"> &
  Pick<StoredQuestion, "seq" | "type" | "cluster">;

function fromStored(row: ScalarRow): ScoredResult {
  const { column_name: column, question, repeat, score, error, seq, type, cluster } = row;
  const { latency_ms, input_tokens, output_tokens } = row;
  return {
    ...{ column, question, repeat, score, seq, type, cluster },
    ...(error === null ? {} : { error }),
    ...(latency_ms === null ? {} : { latencyMs: latency_ms }),
    ...(input_tokens === null ? {} : { inputTokens: input_tokens }),
    ...(output_tokens === null ? {} : { outputTokens: output_tokens }),
  };
}
