// Questions and results of a run. Writing is idempotent: the same result twice is one row, the later one.
import type { Selectable } from "kysely";
import { createGroupWriter, type GroupWriter } from "./group-writer.ts";
import { asStoreError, type Store } from "./open-store.ts";
import type { Tables } from "./schema.ts";

/** A question of a run. */
export interface StoredQuestion {
  id: string;
  seq: number;
  /** Content address of the Sample. */
  hash: string;
  type: string;
  cluster: string;
  /** Wording, references, choices: what a report shows. */
  data: unknown;
}

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

const questionsPerGroup = 500;
/** A statement is built anew each time, and one of thousands of values takes megabytes. */
const rowsPerStatement = 100;
const rowsPerRead = 1000;

/**
 * Adds the questions of a run, or updates the ones that are there. The results of a question whose Sample has changed
 * are removed; returns how many questions that were.
 */
export async function writeQuestions(
  store: Store,
  run: string,
  questions: Iterable<StoredQuestion>,
): Promise<number> {
  let changed = 0;
  let group: StoredQuestion[] = [];
  const write = async () => {
    if (group.length === 0) return;
    const ids = group.map(({ id }) => id);
    await store.db.transaction().execute(async (db) => {
      const known = await db
        .selectFrom("questions")
        .select(["id", "hash"])
        .where("run", "=", run)
        .where("id", "in", ids)
        .execute();
      const hashes = new Map(known.map(({ id, hash }) => [id, hash]));
      const stale = group.filter(({ id, hash }) => hashes.has(id) && hashes.get(id) !== hash);
      if (stale.length > 0) {
        changed += stale.length;
        const staleIds = stale.map(({ id }) => id);
        for (const table of ["results", "judgements"] as const)
          await db.deleteFrom(table).where("run", "=", run).where("question", "in", staleIds).execute();
      }
      for (let i = 0; i < group.length; i += rowsPerStatement)
        await db
          .insertInto("questions")
          .values(
            group
              .slice(i, i + rowsPerStatement)
              .map(({ data, ...rest }) => ({ run, ...rest, data: JSON.stringify(data) })),
          )
          .onConflict((conflict) =>
            conflict.columns(["run", "id"]).doUpdateSet((row) => ({
              ...{ seq: row.ref("excluded.seq"), hash: row.ref("excluded.hash") },
              ...{ type: row.ref("excluded.type"), cluster: row.ref("excluded.cluster") },
              data: row.ref("excluded.data"),
            })),
          )
          .execute();
    });
    group = [];
  };
  try {
    for (const question of questions) {
      group.push(question);
      if (group.length === questionsPerGroup) await write();
    }
    await write();
  } catch (error) {
    throw asStoreError(error, store.address);
  }
  return changed;
}

/** A writer of results: `add` resolves once the result cannot be lost any more. */
export function resultWriter(store: Store, run: string): GroupWriter<ResultRow> {
  return createGroupWriter<ResultRow>({
    async write(rows) {
      // The last of several results for one question counts; one statement may not touch a row twice.
      const last = new Map(rows.map((row) => [JSON.stringify([row.column, row.question, row.repeat]), row]));
      try {
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
  for (let from = { seq: -1, question: "", repeat: 0 }; ; ) {
    const rows = await store.db
      .selectFrom("results")
      .innerJoin("questions", (join) =>
        join.onRef("questions.run", "=", "results.run").onRef("questions.id", "=", "results.question"),
      )
      .selectAll("results")
      .select(["questions.seq", "questions.type", "questions.cluster"])
      .where("questions.run", "=", run)
      .where("results.column_name", "=", column)
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
      .execute();
    for (const row of rows) {
      yield { ...fromStored(row), seq: row.seq, type: row.type, cluster: row.cluster };
    }
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerRead) return;
    from = { seq: last.seq, question: last.question, repeat: last.repeat };
  }
}

/** Questions of a run in the order of the dataset, read in pieces. */
export async function* readQuestions(
  store: Store,
  run: string,
): AsyncGenerator<StoredQuestion, void, undefined> {
  for (let from = { seq: -1, id: "" }; ; ) {
    const rows = await store.db
      .selectFrom("questions")
      .selectAll()
      .where("run", "=", run)
      .where("seq", ">=", from.seq)
      .where((where) =>
        where.or([
          where("seq", ">", from.seq),
          where.and([where("seq", "=", from.seq), where("id", ">", from.id)]),
        ]),
      )
      .orderBy("seq")
      .orderBy("id")
      .limit(rowsPerRead)
      .execute();
    for (const { run: _, data, ...rest } of rows) yield { ...rest, data: JSON.parse(data) };
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerRead) return;
    from = { seq: last.seq, id: last.id };
  }
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

function fromStored(row: Selectable<Tables["results"]>): ResultRow {
  const {
    column_name: column,
    question,
    repeat,
    score,
    error,
    latency_ms,
    input_tokens,
    output_tokens,
  } = row;
  return {
    ...{ column, question, repeat, score, data: JSON.parse(row.data) },
    ...(error === null ? {} : { error }),
    ...(latency_ms === null ? {} : { latencyMs: latency_ms }),
    ...(input_tokens === null ? {} : { inputTokens: input_tokens }),
    ...(output_tokens === null ? {} : { outputTokens: output_tokens }),
  };
}
