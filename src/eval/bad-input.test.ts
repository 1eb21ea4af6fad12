// What goes wrong in a run: each is said in clear words, and no result that was acknowledged is lost.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { direct } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import { openStore, type Store } from "../store/index.ts";
import { mockModel } from "../testing/index.ts";
import { type Column, modelColumn } from "./column.ts";
import { createImageLoader } from "./image-loader.ts";
import { makeManifest } from "./manifest.ts";
import { measureColumns } from "./measure-columns.ts";
import type { Row } from "./row.ts";
import { createScorer } from "./scorer.ts";
import { formatTable } from "./table.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-bad-"));
});
afterAll(() => rm(folder, { recursive: true }));

const scorer = createScorer();
const samples: Sample[] = Array.from({ length: 300 }, (_, i) => ({
  ...{ id: `q${i}`, instruction: `Number ${i}?`, input: [], response: "yes" },
}));
const column: Column = {
  ...{ name: "direct", model: "m", technique: "direct", concurrency: 4 },
  answer: async ({ id }) => ({ text: "yes", reasoning: `${id} `.repeat(500) }),
};
const manifest = (list: readonly Sample[]) =>
  makeManifest({
    ...{ dataset: "d", samples: list, columns: [column], scorer: scorer.name, seed: 0 },
    ...{ maxOutputTokens: 9, timeoutMs: 1000 },
  });
const measure = async (store: Store, options: { resume?: string; acknowledged?: string[] } = {}) =>
  measureColumns(
    { samples, columns: [column] },
    {
      ...{ store, scorer, manifest: await manifest(samples) },
      ...(options.resume ? { resume: options.resume } : {}),
      onRow: (_, { id }) => options.acknowledged?.push(id),
    },
  );
async function idsOf(rows: Iterable<Row> | AsyncIterable<Row>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of rows) ids.push(id);
  return ids;
}

test("a disk that is full ends the run; what was acknowledged is there when it goes on", async () => {
  const file = path.join(folder, "full.db");
  let store = await openStore(file);
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
  await sql.raw(`pragma max_page_count = ${rows[0]!.page_count + 200}`).execute(store.db);
  const acknowledged: string[] = [];
  await expect(measure(store, { acknowledged })).rejects.toThrow(
    `${file}: database must have room to grow, got database or disk is full. Free some disk space and run again with --resume.`,
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.length).toBeLessThan(samples.length);
  await store.close();

  store = await openStore(file);
  const later: string[] = [];
  const { end, columns, summary } = await measure(store, { resume: "latest", acknowledged: later });
  expect([end, summary.columns[0]!.n]).toEqual(["complete", samples.length]);
  expect(later.filter((id) => acknowledged.includes(id))).toEqual([]);
  expect(await idsOf(columns[0]!.rows)).toEqual(samples.map(({ id }) => id));
  await store.close();
});

test("a run that one process works on is refused to another, and ends as if nobody had asked", async () => {
  const file = path.join(folder, "two.db");
  const [store, other] = [await openStore(file), await openStore(file)];
  let refusal: unknown;
  const slow: Column = {
    ...column,
    async answer(sample) {
      if (sample.id === "q150") refusal = await measure(other, { resume: "latest" }).catch((error) => error);
      return { text: "yes" };
    },
  };
  const options = { store, scorer, manifest: await manifest(samples) };
  const { summary } = await measureColumns({ samples, columns: [slow] }, options);
  expect((refusal as Error).message).toMatch(
    /two\.db: run \S+ is being worked on by another process, got process \d+ on \S+\. Wait for it to end, or stop it\.$/,
  );
  expect(summary.columns[0]).toMatchObject({ n: samples.length, accuracy: 1, failed: 0 });
  await store.close();
  await other.close();
});

test("a missing picture fails its question; a refusal and an empty answer are wrong answers, kept as written", async () => {
  const list: Sample[] = [
    { id: "gone", instruction: "Is it?", input: [{ type: "image", source: "gone.png" }], response: "yes" },
    { id: "refusal", instruction: "Is it?", input: [], response: "yes" },
    { id: "empty", instruction: "Is it?", input: [], response: "yes" },
    { id: "right", instruction: "Is it?", input: [], response: "yes" },
  ];
  const refusal = "I'm sorry, but I can't help with that.";
  const model = mockModel([refusal, "", "yes"]);
  const asked = modelColumn({
    ...{ name: "direct", technique: "direct", modelName: "mock", model: direct()(model), concurrency: 1 },
    ...{ loadImage: createImageLoader({ baseDir: folder }), seed: 0, timeoutMs: 1000, maxOutputTokens: 9 },
  });
  const store = await openStore(":memory:");
  const { columns, summary } = await measureColumns(
    { samples: list, columns: [asked] },
    { store, scorer, manifest: await manifest(list) },
  );
  const rows: Row[] = [];
  for await (const row of columns[0]!.rows) rows.push(row);
  expect(rows.map(({ id, text, score }) => [id, text, score])).toEqual([
    ["gone", undefined, 0],
    ["refusal", refusal, 0],
    ["empty", "", 0],
    ["right", "yes", 1],
  ]);
  expect(rows[0]!.error).toMatch(/^"gone\.png": must exist, got no file at /);
  expect(formatTable(summary)).toContain(
    'direct: 1 failed and counted as wrong, most often: "gone.png": must exist',
  );
  expect(summary.columns[0]).toMatchObject({ n: 4, accuracy: 0.25, failed: 1 });
  await store.close();
});
