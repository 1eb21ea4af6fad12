// What judges said about the answers of a run. A question that changes loses its judgements with its results.
import type { Selectable } from "kysely";
import { asStoreError, type Store } from "./open-store.ts";
import { rowsPerRead } from "./pages.ts";
import type { Tables } from "./schema.ts";

/** One stored judgement. */
export interface StoredJudgement {
  column: string;
  question: string;
  /** Who judged and how. */
  kind: string;
  /** From 0 to 1; null when the judge could not be read. */
  score: number | null;
  data: unknown;
}

/** Keeps a judgement; a later one of the same kind takes its place. */
export async function writeJudgement(store: Store, run: string, judgement: StoredJudgement): Promise<void> {
  const { column, data, ...rest } = judgement;
  try {
    await store.db
      .insertInto("judgements")
      .values({ run, column_name: column, ...rest, data: JSON.stringify(data) })
      .onConflict((conflict) =>
        conflict
          .columns(["run", "column_name", "question", "kind"])
          .doUpdateSet((row) => ({ score: row.ref("excluded.score"), data: row.ref("excluded.data") })),
      )
      .execute();
  } catch (error) {
    throw asStoreError(error, store.address);
  }
}

/** The judgements of a column, of one kind or of all, of some questions or of all, in no order that means anything. */
export async function readJudgements(
  store: Store,
  run: string,
  { column, kind, ids }: { column: string; kind?: string; ids?: readonly string[] },
): Promise<StoredJudgement[]> {
  let query = store.db
    .selectFrom("judgements")
    .selectAll()
    .where("run", "=", run)
    .where("column_name", "=", column);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  const rows: Selectable<Tables["judgements"]>[] = [];
  if (ids === undefined) rows.push(...(await query.execute()));
  else {
    for (let i = 0; i < ids.length; i += rowsPerRead)
      rows.push(...(await query.where("question", "in", ids.slice(i, i + rowsPerRead)).execute()));
  }
  return rows.map(({ question, kind: of, score, data }) => {
    return { column, question, kind: of, score, data: JSON.parse(data) };
  });
}
