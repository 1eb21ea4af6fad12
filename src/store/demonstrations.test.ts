// Demonstration sets on both databases.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, postgresPrograms, startPostgres } from "../testing/postgres.ts";
import {
  type DemonstrationSet,
  findDemonstrationSet,
  openStore,
  readDemonstrations,
  type Store,
  type StoredDemonstration,
  writeDemonstrations,
} from "./index.ts";

const programs = postgresPrograms();
const isRequired = process.env.SIGHTLINE_REQUIRE_POSTGRES === "1";
let folder: string;
let server: PostgresServer | undefined;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-demonstrations-"));
  if (programs || isRequired) server = await startPostgres(programs ?? "/usr/lib/postgresql");
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

const set = (fields: Partial<DemonstrationSet> = {}): DemonstrationSet => ({
  ...{ name: "cats", hash: "h", baseDir: "/data", encoder: "tiny@1", dimensions: 3, count: 0 },
  ...fields,
});
const row = (i: number): StoredDemonstration => ({
  id: `d${i}`,
  sample: { id: `d${i}`, instruction: "What is it? \u{1f63a}" },
  pictures:
    i % 2 ? [] : [{ hash: `sha256:${i}`, differenceHash: Uint8Array.of(0, 255, 1, 2, 3, 4, 5, i & 255) }],
  imageVector: i % 2 ? null : Float32Array.of(0.1, -1.5, i),
  textVector: Float32Array.of(i, Math.fround(1 / 3), -0),
});

describe.each(["SQLite", "PostgreSQL"])("demonstrations on %s", (kind) => {
  const isMissing = kind === "PostgreSQL" && !programs && !isRequired;
  const address = () => (kind === "SQLite" ? path.join(folder, "a.db") : server!.url);
  let store: Store;
  beforeAll(async () => {
    if (!isMissing) store = await openStore(address());
  });
  afterAll(() => store?.close());

  test.skipIf(isMissing)("come back as they were, in order, over several pieces", async () => {
    const rows = Array.from({ length: 1201 }, (_, i) => row(i));
    await writeDemonstrations(store, set(), rows);
    expect(await findDemonstrationSet(store, "cats")).toEqual(set({ count: 1201 }));
    expect(await Array.fromAsync(readDemonstrations(store, "cats"))).toEqual(rows);
  });

  test.skipIf(isMissing)("a set takes the place of the one of its name and of no other", async () => {
    await writeDemonstrations(store, set({ name: "dogs" }), [row(7)]);
    await writeDemonstrations(store, set({ hash: "new", encoder: "clip" }), [row(5)]);
    expect(await findDemonstrationSet(store, "cats")).toMatchObject({
      hash: "new",
      encoder: "clip",
      count: 1,
    });
    expect((await Array.fromAsync(readDemonstrations(store, "cats"))).map(({ id }) => id)).toEqual(["d5"]);
    expect((await Array.fromAsync(readDemonstrations(store, "dogs"))).map(({ id }) => id)).toEqual(["d7"]);
    expect(await findDemonstrationSet(store, "birds")).toBeUndefined();
  });

  test.skipIf(isMissing)("a write that fails leaves the old set whole", async () => {
    await writeDemonstrations(store, set({ name: "kept" }), [row(1), row(2)]);
    const bad = { ...row(3), textVector: undefined as unknown as Float32Array };
    await expect(writeDemonstrations(store, set({ name: "kept" }), [bad])).rejects.toThrow();
    const broken = [row(4), { ...row(5), id: null as unknown as string }];
    await expect(writeDemonstrations(store, set({ name: "kept" }), broken)).rejects.toThrow();
    expect((await Array.fromAsync(readDemonstrations(store, "kept"))).map(({ id }) => id)).toEqual([
      "d1",
      "d2",
    ]);
  });

  test.skipIf(isMissing)("a database from before there were demonstrations gets their tables", async () => {
    await sql`drop table demonstrations`.execute(store.db);
    await sql`drop table demonstration_sets`.execute(store.db);
    const again = await openStore(address());
    await writeDemonstrations(again, set(), [row(0)]);
    expect(await findDemonstrationSet(again, "cats")).toMatchObject({ count: 1 });
    await again.close();
  });
});
