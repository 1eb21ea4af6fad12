// One suite on both databases: what is promised of the store holds on SQLite and on PostgreSQL.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PostgresServer, postgresPrograms, startPostgres } from "../testing/postgres.ts";
import {
  countResults,
  createResponseCache,
  createRun,
  findRun,
  finishRun,
  listRuns,
  openRun,
  openStore,
  type ResultRow,
  readQuestions,
  readResults,
  resultWriter,
  type Store,
  type StoredQuestion,
  settledSamples,
  writeQuestions,
} from "./index.ts";

const programs = postgresPrograms();
const isRequired = process.env.SIGHTLINE_REQUIRE_POSTGRES === "1";
if (!programs && !isRequired) console.warn("skipped: PostgreSQL is missing (apt-get install postgresql)");

let folder: string;
let server: PostgresServer | undefined;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-store-"));
  if (programs || isRequired) server = await startPostgres(programs ?? "/usr/lib/postgresql");
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

const question = (i: number, fields: Partial<StoredQuestion> = {}): StoredQuestion => ({
  ...{
    id: `q${i}`,
    seq: i,
    hash: `h${i}`,
    type: "naming",
    cluster: `p${i >> 1}`,
    data: { question: "What?" },
  },
  ...fields,
});
const result = (i: number, fields: Partial<ResultRow> = {}): ResultRow => ({
  ...{
    column: "direct",
    question: `q${i}`,
    repeat: 0,
    score: i % 2,
    latencyMs: 1.5,
    data: { text: `a ${i}` },
  },
  ...fields,
});
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.each(["SQLite", "PostgreSQL"])("the store on %s", (kind) => {
  const isMissing = kind === "PostgreSQL" && !programs && !isRequired;
  let store: Store;
  let nextRun = 0;
  beforeAll(async () => {
    if (!isMissing) store = await openStore(kind === "SQLite" ? path.join(folder, "deep/a.db") : server!.url);
  });
  afterAll(() => store?.close());
  const newRun = () =>
    createRun(store, { id: `run-${kind}-${nextRun++}`, dataset: "d", manifest: { seed: nextRun } });

  test.skipIf(isMissing)(
    "keeps runs, finds them by the start of their id and lists the newest first",
    async () => {
      const dates = ["2026-01-01", "2026-01-02"].map((day) => new Date(`${day}T10:00:00Z`));
      const [a, b] = ["x-one", "x-two"].map((id, i) =>
        createRun(store, { id: `${kind}-${id}`, dataset: "d", manifest: { i }, now: dates[i] }),
      );
      await (await a!).release();
      await (await b!).release();
      await finishRun(store, `${kind}-x-one`);
      expect(await findRun(store, `${kind}-x-o`)).toMatchObject({
        id: `${kind}-x-one`,
        state: "done",
        manifest: { i: 0 },
      });
      expect(await findRun(store, "latest")).toMatchObject({ id: `${kind}-x-two`, state: "open" });
      expect((await listRuns(store)).map(({ id }) => id).slice(0, 2)).toEqual([
        `${kind}-x-two`,
        `${kind}-x-one`,
      ]);
      await expect(findRun(store, `${kind}-x-`)).rejects.toThrow("has several runs that start so");
      await expect(findRun(store, "nope%")).rejects.toThrow(/has no such run, got "nope%"/);
    },
  );

  test.skipIf(isMissing)("gives a run to one process at a time", async () => {
    const lease = await newRun();
    await expect(openRun(store, lease.run.id)).rejects.toThrow(
      /is being worked on by another process, got process \d+/,
    );
    await lease.release();
    const again = await openRun(store, lease.run.id, { seed: 99 });
    expect(again.run.manifest).toEqual({ seed: 99 });
    await again.release();
    expect((await findRun(store, lease.run.id)).manifest).toEqual({ seed: 99 });
  });

  test.skipIf(isMissing)("a process that slept finds its run taken over, and writes nothing", async () => {
    const lease = await newRun();
    const { id } = lease.run;
    await writeQuestions(store, id, [question(0)]);
    const writer = resultWriter(store, id, lease.confirm);
    await writer.add(result(0, { score: 1 }));
    const owner = JSON.stringify({ token: "other", host: "h", pid: 1, beat: Date.now() });
    await store.db.updateTable("runs").set({ owner }).where("id", "=", id).execute();
    const later = Date.now() + 31_000;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => later);
    await expect(writer.add(result(0, { score: 0 }))).rejects.toThrow(
      `run ${id} was taken over by another process while this one did not answer. What was answered is kept; the other process goes on.`,
    );
    clock.mockRestore();
    expect(lease.lost.aborted).toBe(true);
    await lease.release();
    expect(await all(readResults(store, id, "direct"))).toMatchObject([{ score: 1 }]);
    const row = store.db.selectFrom("runs").select("owner").where("id", "=", id);
    expect(await row.executeTakeFirstOrThrow()).toEqual({ owner });
  });

  test.skipIf(isMissing)("takes a run over from a process that is gone", async () => {
    const { run, release } = await newRun();
    await release();
    const gone = {
      token: "t",
      host: (await import("node:os")).hostname(),
      pid: 999_999_99,
      beat: Date.now(),
    };
    await store.db
      .updateTable("runs")
      .set({ owner: JSON.stringify(gone) })
      .where("id", "=", run.id)
      .execute();
    await (await openRun(store, run.id)).release();
    const elsewhere = { ...gone, host: "another-machine", pid: 1 };
    const own = (owner: object) =>
      store.db
        .updateTable("runs")
        .set({ owner: JSON.stringify(owner) })
        .where("id", "=", run.id)
        .execute();
    await own(elsewhere);
    await expect(openRun(store, run.id)).rejects.toThrow("process 1 on another-machine");
    await own({ ...elsewhere, beat: Date.now() - 31_000 });
    await (await openRun(store, run.id)).release();
  });

  test.skipIf(isMissing)(
    "an acknowledged result is in the database, once, whatever is written again",
    async () => {
      const { run, release } = await newRun();
      await writeQuestions(
        store,
        run.id,
        [0, 1, 2].map((i) => question(i)),
      );
      const writer = resultWriter(store, run.id);
      await writer.add(result(1));
      expect(await countResults(store, run.id, "direct")).toBe(1);
      const error = "no answer";
      await Promise.all([
        writer.add(result(1, { score: 0.25 })),
        writer.add(result(0)),
        writer.add(result(1, { error })),
      ]);
      const rows = await all(readResults(store, run.id, "direct"));
      expect(rows).toEqual([
        { ...result(0), seq: 0, type: "naming", cluster: "p0" },
        { ...result(1), error, seq: 1, type: "naming", cluster: "p0" },
      ]);
      const ask = (failed: boolean) =>
        settledSamples(store, run.id, { column: "direct", repeat: 0, ids: ["q0", "q1", "q2"], failed });
      expect([...(await ask(true))].sort()).toEqual(["q0", "q1"]);
      expect([...(await ask(false))]).toEqual(["q0"]);
      await release();
    },
  );

  test.skipIf(isMissing)("questions that changed lose their results, others keep them", async () => {
    const { run, release } = await newRun();
    expect(await writeQuestions(store, run.id, [question(0), question(1)])).toBe(0);
    const writer = resultWriter(store, run.id);
    await Promise.all([
      writer.add(result(0)),
      writer.add(result(1)),
      writer.add(result(1, { column: "blind" })),
    ]);
    const changed = [question(5, { id: "q0", hash: "h0" }), question(1, { hash: "new" }), question(2)];
    expect(await writeQuestions(store, run.id, changed)).toBe(1);
    expect(
      (await all(readResults(store, run.id, "direct"))).map(({ question: id, seq }) => [id, seq]),
    ).toEqual([["q0", 5]]);
    expect(await countResults(store, run.id, "blind")).toBe(0);
    expect((await all(readQuestions(store, run.id))).map(({ id }) => id)).toEqual(["q1", "q2", "q0"]);
    await release();
  });

  test.skipIf(isMissing)(
    "reads more rows than one piece in the order of the dataset, repetitions together",
    async () => {
      const { run, release } = await newRun();
      const n = 2300;
      // Two questions a place, as after a dataset was put into another order.
      await writeQuestions(
        store,
        run.id,
        Array.from({ length: n }, (_, i) => question(i, { seq: i >> 1 })),
      );
      const writer = resultWriter(store, run.id);
      const order = Array.from({ length: 2 * n }, (_, i) => (i * 7919) % (2 * n));
      await Promise.all(order.map((i) => writer.add(result(i >> 1, { repeat: i & 1 }))));
      const rows = await all(readResults(store, run.id, "direct"));
      expect(rows.length).toBe(2 * n);
      for (let i = 1; i < rows.length; i++) {
        expect(rows[i]!.seq).toBeGreaterThanOrEqual(rows[i - 1]!.seq);
        if (i % 2 === 1) expect([rows[i]!.question, rows[i]!.repeat]).toEqual([rows[i - 1]!.question, 1]);
      }
      expect((await all(readQuestions(store, run.id))).length).toBe(n);
      await release();
    },
  );

  test.skipIf(isMissing)("remembers answers by key", async () => {
    const cache = createResponseCache(store);
    expect(await cache.get("k")).toBeUndefined();
    cache.put("k", "one");
    expect(await cache.get("k")).toBe("one");
    await cache.flush();
    expect(await createResponseCache(store).get("k")).toBe("one");
  });

  test.skipIf(isMissing)("refuses a database of another version and leaves it alone", async () => {
    await sql`update meta set value = '999' where key = 'version'`.execute(store.db);
    const address = kind === "SQLite" ? path.join(folder, "deep/a.db") : server!.url;
    await expect(openStore(address)).rejects.toThrow(
      /must be a database of version 1, got version 999\. Use another --store/,
    );
    await sql`update meta set value = '1' where key = 'version'`.execute(store.db);
    await (await openStore(address)).close();
  });
});

test("a full disk fails the write with a clear message; what was acknowledged stays", async () => {
  const file = path.join(folder, "full.db");
  const store = await openStore(file);
  const { run } = await createRun(store, { id: "full", dataset: "d", manifest: {} });
  await writeQuestions(store, run.id, [question(0)]);
  const writer = resultWriter(store, run.id);
  await writer.add(result(0));
  const pages = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
  await sql.raw(`pragma max_page_count = ${pages.rows[0]!.page_count}`).execute(store.db);
  const large = result(1, { data: { text: "x".repeat(1_000_000) } });
  await expect(writer.add(large)).rejects.toThrow(/database must have room to grow.*Free some disk space/);
  await expect(writer.add(result(2))).rejects.toThrow("database must have room to grow");
  await store.close();
  const again = await openStore(file);
  expect((await all(readResults(again, "full", "direct"))).map((row) => row.question)).toEqual(["q0"]);
  await again.close();
});

test("what is no database, and what cannot be reached, is said", async () => {
  const file = path.join(folder, "notes.txt");
  await writeFile(file, "just some notes, long enough to be looked at as a file header\n".repeat(20));
  await expect(openStore(file)).rejects.toThrow(/must be a SQLite database/);
  await expect(openStore(folder)).rejects.toThrow(/must be reachable and writable/);
  await expect(openStore("postgres://me:secret@127.0.0.1:9/x")).rejects.toThrow(
    /^postgres:\/\/me:\*\*\*@127\.0\.0\.1:9\/x: database must be reachable/,
  );
});
