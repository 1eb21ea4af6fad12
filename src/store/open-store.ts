// One store, two databases: a SQLite file by default, PostgreSQL by URL. Everything above this file is the same code.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Dialect, Kysely, PostgresDialect } from "kysely";
import { SetupError, SightlineError } from "../errors/index.ts";
import { prepareSchema, type Tables } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

/** An open database. */
export interface Store {
  /** As it may be shown: a path, or a URL without its password. */
  address: string;
  db: Kysely<Tables>;
  close(): Promise<void>;
}

/** Opens a store: `postgres://…` or the path of a SQLite file, which is made when missing. */
export async function openStore(address: string): Promise<Store> {
  const isServer = /^postgres(ql)?:\/\//.test(address);
  const where = isServer ? withoutPassword(address) : address;
  let db: Kysely<Tables> | undefined;
  try {
    const dialect = isServer ? await postgresDialect(address) : await openFile(address);
    db = new Kysely<Tables>({ dialect });
    await prepareSchema(db, where);
    return { address: where, db, close: () => db!.destroy() };
  } catch (error) {
    await db?.destroy().catch(() => {});
    throw asStoreError(error, where);
  }
}

/** What went wrong with the database, in words that say what to do. */
export function asStoreError(error: unknown, where: string): Error {
  if (SightlineError.isInstance(error)) return error;
  const { code, errcode, message = "" } = error as NodeJS.ErrnoException & { errcode?: number };
  const fail = (rule: string, hint: string) =>
    new SetupError({ where, rule, got: message.split("\n")[0], hint, cause: error });
  // SQLite's primary result codes: 5 busy, 10 i/o error, 13 full, 14 cannot open, 26 not a database.
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  if (primary === 13 || code === "ENOSPC" || code === "53100")
    return fail("database must have room to grow", "Free some disk space and run again with --resume.");
  if (primary === 26) return fail("must be a SQLite database", "Give another --store.");
  if (primary === 5) return fail("database is held by another program", "Try again when it has finished.");
  if (primary === 10 || primary === 14 || primary === 8 || code?.startsWith("E"))
    return fail("database must be reachable and writable", "Check the path or address of --store.");
  if (code !== undefined && /^(28|3D)/.test(code))
    return fail("the server must admit us", "Check user, password and database name in --store.");
  return error as Error;
}

async function openFile(file: string): Promise<Dialect> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  return sqliteDialect(file);
}

async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while idle shows at the next query.
  pool.on("error", () => {});
  return new PostgresDialect({ pool });
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = "***";
    return parsed.href;
  } catch {
    return "postgres://…";
  }
}
