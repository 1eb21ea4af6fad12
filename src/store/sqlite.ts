// SQLite through Node's own driver, as the small interface that kysely's SQLite dialect wants. A result is committed
// with a full sync: once acknowledged it survives a kill and a power cut.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { type SqliteDatabase, SqliteDialect } from "kysely";

/** Prepared statements that are kept. */
const keptStatements = 64;

/** Opens or creates a database file. */
export async function sqliteDialect(file: string): Promise<SqliteDialect> {
  const { DatabaseSync } = await importSqlite();
  const db = new DatabaseSync(file);
  db.exec("PRAGMA busy_timeout = 10000");
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  return new SqliteDialect({ database: adapt(db) });
}

/** Node warns that SQLite is experimental; that is ours to know, not the user's. */
async function importSqlite(): Promise<typeof import("node:sqlite")> {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).startsWith("SQLite")) emitWarning.call(process, warning, ...rest);
  }) as typeof emitWarning;
  try {
    return await import("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

function adapt(db: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    if (prepared.size >= keptStatements) prepared.delete(prepared.keys().next().value!);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    close: () => db.close(),
    prepare(sql) {
      const statement = prepare(sql);
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
