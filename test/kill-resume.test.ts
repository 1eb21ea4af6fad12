// What was acknowledged survives: a run is killed with SIGKILL twenty times at random moments and gone on with. Every
// row that was ever acknowledged must be there, no row may be acknowledged twice, and the table of the run must equal
// that of a run that nobody touched.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatTable, parseManifest, storedRows, summarise } from "../src/eval/index.ts";
import { findRun, openStore } from "../src/store/index.ts";
import { createRng } from "../src/util/rng.ts";

const child = path.join(import.meta.dirname, "fixtures/counting-run.ts");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-kill-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the child on a store; kills it as soon as it has acknowledged so many rows. Resolves to its lines. */
function runChild(file: string, killAfter = Number.POSITIVE_INFINITY): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, file], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let errors = "";
    process_.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.split("\n").length > killAfter) process_.kill("SIGKILL");
    });
    process_.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    process_.on("error", reject);
    process_.on("close", (code, signal) => {
      if (code === 0 || signal === "SIGKILL") resolve(text.split("\n").slice(0, -1));
      else reject(new Error(errors));
    });
  });
}

async function readRun(file: string) {
  const store = await openStore(file);
  const run = await findRun(store, "latest");
  const columns = parseManifest(run.manifest).columns.map((column) => ({
    ...column,
    rows: { [Symbol.asyncIterator]: () => storedRows(store, run.id, column.name) },
  }));
  const rows: string[] = [];
  for (const { name, rows: list } of columns)
    for await (const row of list) rows.push(`${name} ${row.id} ${row.text} ${row.score} ${row.error}`);
  const table = formatTable(
    await summarise({ columns, aborted: run.state !== "done" }, { dataset: "modulo", n: 400 }),
  );
  await store.close();
  return { rows, table };
}

test("twenty kills lose nothing that was acknowledged and ask nothing twice", async () => {
  const whole = path.join(folder, "whole.db");
  const lines = await runChild(whole);
  expect(lines).toHaveLength(801);
  const expected = await readRun(whole);
  expect(expected.rows).toHaveLength(800);

  const file = path.join(folder, "killed.db");
  const rng = createRng("kill", 1);
  const acknowledged: string[] = [];
  for (let round = 0; round < 20; round++) {
    // Groups arrive in tens of rows: a kill falls before, inside and after a group.
    const rows = (await runChild(file, 1 + rng.int(30))).filter((line) => !line.startsWith("end"));
    acknowledged.push(...rows);
    const kept = new Set((await readRun(file)).rows.map((row) => row.split(" ").slice(0, 2).join(" ")));
    expect(acknowledged.filter((row) => !kept.has(row))).toEqual([]);
  }
  acknowledged.push(...(await runChild(file)).filter((line) => !line.startsWith("end")));
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  const ended = await readRun(file);
  expect(ended.rows).toEqual(expected.rows);
  expect(ended.table).toBe(expected.table);
  expect(ended.table).toContain("right: 8 failed");
}, 240_000);
