// Questions of a run: what was asked, in the order of the dataset. Writing is idempotent.
import type { Selectable } from "kysely";
import { asStoreError, type Store } from "./open-store.ts";
import { pages, rowsPerRead } from "./pages.ts";
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

const questionsPerGroup = 500;
/** A statement is built anew each time, and one of thousands of values takes megabytes. */
const rowsPerStatement = 100;

/**
 * Adds the questions of a run, or updates the ones that are there. The results of a question whose Sample has changed
 * are removed; returns how many questions that were.
 */
export async function writeQuestions(
  store: Store,
  run: string,
  questions: Iterable<StoredQuestion> | AsyncIterable<StoredQuestion>,
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
    for await (const question of questions) {
      group.push(question);
      if (group.length === questionsPerGroup) await write();
    }
    await write();
  } catch (error) {
    throw asStoreError(error, store.address);
  }
  return changed;
}

/** Questions of a run in the order of the dataset, read in pieces. */
export async function* readQuestions(
  store: Store,
  run: string,
): AsyncGenerator<StoredQuestion, void, undefined> {
  const read = (last: Place | undefined) => after(last, store, run).selectAll().execute();
  for await (const row of pages(read)) yield fromStored(row);
}

/** Ids of the questions of a run in the order of the dataset. */
export async function* readQuestionIds(store: Store, run: string): AsyncGenerator<string, void, undefined> {
  const read = (last: Place | undefined) => after(last, store, run).select(["seq", "id"]).execute();
  for await (const { id } of pages(read)) yield id;
}

/** These questions of a run, in the order of the dataset. */
export async function findQuestions(
  store: Store,
  run: string,
  ids: readonly string[],
): Promise<StoredQuestion[]> {
  const found: StoredQuestion[] = [];
  for (let i = 0; i < ids.length; i += rowsPerRead) {
    const rows = await store.db
      .selectFrom("questions")
      .selectAll()
      .where("run", "=", run)
      .where("id", "in", ids.slice(i, i + rowsPerRead))
      .execute();
    found.push(...rows.map(fromStored));
  }
  return found.sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
}

type Place = Pick<StoredQuestion, "seq" | "id">;

/** The next questions behind a place. */
function after(last: Place | undefined, store: Store, run: string) {
  const from = last ?? { seq: -1, id: "" };
  return (
    store.db
      .selectFrom("questions")
      .where("run", "=", run)
      // Said again below; alone it lets the database seek in the index instead of reading from the start.
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
  );
}

function fromStored({ run: _, data, ...rest }: Selectable<Tables["questions"]>): StoredQuestion {
  return { ...rest, data: JSON.parse(data) };
}
