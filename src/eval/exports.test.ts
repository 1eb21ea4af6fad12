import { parse } from "csv-parse/sync";
import { beforeAll, expect, test } from "vitest";
import type { Sample } from "../spec/index.ts";
import { findRun, openStore, type Store } from "../store/index.ts";
import { contentHash } from "../util/hash.ts";
import type { Column } from "./column.ts";
import type { ColumnRows } from "./column-rows.ts";
import { diffRuns } from "./diff-runs.ts";
import { formatCsv, formatJunit, runJson } from "./exports.ts";
import { makeManifest } from "./manifest.ts";
import { type MeasuredColumns, measureColumns } from "./measure-columns.ts";
import { createScorer } from "./scorer.ts";

// More rows than are looked up together.
const count = 1203;
const samples: Sample[] = Array.from({ length: count }, (_, i) => ({
  ...{
    id: `q${i}`,
    instruction: i === 0 ? '"<Two>\nlines", =1' : `Number ${i}?`,
    input: [],
    response: "yes",
  },
}));
const column = (answer: (i: number) => string): Column => ({
  ...{ name: "direct", model: "m", technique: "direct", concurrency: 8 },
  answer: async ({ id }) => {
    const i = Number(id.slice(1));
    if (i === 5) throw new Error("broken & gone");
    return { text: answer(i), promptHashes: [`sha256:${i}`] };
  },
});
const scorer = createScorer();
let store: Store;
const measure = async (asked: Column, list = samples): Promise<MeasuredColumns> => {
  const parts = { dataset: "d", samples: list, columns: [asked], scorer: scorer.name };
  const manifest = await makeManifest({ ...parts, seed: 0, maxOutputTokens: 9, timeoutMs: 1000 });
  return measureColumns({ samples: list, columns: [asked] }, { store, scorer, manifest });
};
const whole = async (pieces: AsyncIterable<string>) => (await Array.fromAsync(pieces)).join("");

let measured: MeasuredColumns;
let columns: ColumnRows[];
beforeAll(async () => {
  store = await openStore(":memory:");
  measured = await measure(column((i) => (i % 3 === 1 ? "no" : "yes")));
  columns = measured.columns;
  return () => store.close();
});

test("JSON holds the manifest with the hash of all prompts, the figures and every answer", async () => {
  const run = await findRun(store, measured.runId);
  const json = JSON.parse(await whole(runJson(store, run, measured.summary, columns)));
  const hashes = samples.flatMap((_, i) => (i === 5 ? [] : [`sha256:${i}`]));
  expect(json.manifest).toMatchObject({
    dataset: { name: "d", questions: count },
    promptHashes: { direct: contentHash(hashes.join("\n")) },
    cost: { direct: null },
  });
  expect(json.columns[0]).toMatchObject({ name: "direct", n: count, failed: 1 });
  expect(json.answers).toHaveLength(count);
  expect(json.answers[1]).toMatchObject({
    column: "direct",
    id: "q1",
    question: "Number 1?",
    references: ["yes"],
  });
});

test("CSV has a line an answer, read back by another program", async () => {
  const text = await whole(formatCsv(store, measured.runId, columns));
  const rows: Record<string, string>[] = parse(text, { columns: true });
  expect(rows.map(({ id }) => id)).toEqual(samples.map(({ id }) => id));
  expect(rows[0]).toMatchObject({ question: '"<Two>\nlines", =1', answer: "yes", score: "1" });
  expect(rows[5]).toMatchObject({ answer: "", error: "broken & gone" });
});

test("JUnit counts what failed and what broke, and its markup is only its own", async () => {
  const text = await whole(formatJunit(store, await findRun(store, measured.runId), columns));
  const wrong = samples.filter((_, i) => i % 3 === 1).length;
  expect(text).toContain(`<testsuite name="direct" tests="${count}" failures="${wrong}" errors="1"`);
  expect(text.match(/<testcase /g)).toHaveLength(count);
  expect(text.match(/<failure /g)).toHaveLength(wrong);
  expect(text).toContain('<error message="broken &amp; gone">');
  expect(text).not.toContain("<Two>");
});

test("two runs differ by settings, questions and flips", async () => {
  const changed = { ...samples[7]!, instruction: "Another?" };
  const list = [...samples.slice(0, 7), changed, ...samples.slice(8, 1100), { ...samples[0]!, id: "new" }];
  const later = await measure(
    column((i) => (i === 0 ? "no" : i === 1 || i % 3 !== 1 ? "yes" : "no")),
    list,
  );
  const [a, b] = [await findRun(store, measured.runId), await findRun(store, later.runId)];
  const diff = await diffRuns(store, a, b);
  expect(diff.questions).toEqual({ onlyA: count - 1100, onlyB: 1, changed: 1, same: 1099 });
  expect(diff.manifest.map(({ what }) => what)).toEqual(["dataset content", "questions"]);
  expect(diff.columns).toMatchObject([
    {
      ...{ a: "direct", b: "direct", n: 1100, samePrompts: 1099, sameAnswers: 1098 },
      ...{ gains: 1, losses: 1 },
      gained: [{ id: "q1", question: "Number 1?", a: "no", b: "yes" }],
      lost: [{ id: "q0", a: "yes", b: "no" }],
      p: 1,
    },
  ]);
});
