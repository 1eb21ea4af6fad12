// Two real processes and one run: the second is refused while the first lives, a run of its own in the same store
// disturbs nobody, and what a killed process had acknowledged is there for the one that takes over.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Row, storedRows } from "../src/eval/index.ts";
import { encodePng } from "../src/media/index.ts";
import { openStore, type Store } from "../src/store/index.ts";
import { type OpenAiServer, startOpenAiServer } from "../src/testing/openai-server.ts";

const program = path.resolve(import.meta.dirname, "../bin/sightline.js");
const count = 24;
let folder: string;
let store: Store;
let server: OpenAiServer;
/** Requests that are still answered; later ones wait for ever. */
let answers = 10;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-two-"));
  store = await openStore(path.join(folder, "store.db"));
  server = await startOpenAiServer(() => (answers-- > 0 ? "yes" : { silent: true }));
  await writeFile(path.join(folder, "p.png"), await encodePng(new Uint8Array(48), 4, 4));
  const rows = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ image: "p.png", question: `Is this number ${i}?`, answer: i % 3 === 0 ? "no" : "yes" }),
  );
  await writeFile(path.join(folder, "q.jsonl"), `${rows.join("\n")}\n`);
});
afterAll(async () => {
  await server.close();
  await store.close();
  await rm(folder, { recursive: true });
});

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(
    process.execPath,
    [program, "eval", "q.jsonl", "-m", `${server.url}#demo`, "--concurrency", "2", "--json", ...args],
    { cwd: folder, env: { ...process.env, OPENAI_API_KEY: "", SIGHTLINE_STORE: "store.db" } },
  );
  const result = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    result.stdout += text;
  });
  child.stderr.on("data", (text) => {
    result.stderr += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code, signal) => resolve({ ...result, code, signal })),
  );
  return { child, ended };
}

/** The rows of a run, read through a connection of this third process. */
async function rowsOf(run: string): Promise<Row[]> {
  return Array.fromAsync(storedRows(store, run, "direct"));
}

test("one process at a time works on a run, and nothing that it acknowledged is lost when it is killed", async () => {
  const first = start();
  let run = "";
  for (;;) {
    const found = await store.db.selectFrom("runs").select("id").executeTakeFirst();
    run = found?.id ?? "";
    if (run !== "" && (await rowsOf(run)).length === 10) break;
    await sleep(50);
  }

  const refused = await start("--resume", run).ended;
  expect([refused.code, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toMatch(
    new RegExp(
      `^sightline: store\\.db: run ${run} is being worked on by another process, got process ${first.child.pid} on \\S+\\. Wait for it to end, or stop it\\.\\n$`,
    ),
  );

  answers = count;
  const other = await start().ended;
  const printed = JSON.parse(other.stdout);
  expect(printed.run).not.toBe(run);
  expect([other.code, printed.columns[0].n, printed.columns[0].accuracy]).toEqual([0, count, 16 / 24]);

  const acknowledged = await rowsOf(run);
  expect(acknowledged).toHaveLength(10);
  first.child.kill("SIGKILL");
  expect((await first.ended).signal).toBe("SIGKILL");
  server.requests.length = 0;
  answers = count;
  const resumed = await start("--resume", run).ended;
  expect([resumed.code, JSON.parse(resumed.stdout).columns[0].n]).toEqual([0, count]);
  expect(server.requests).toHaveLength(count - 10);
  const rows = await rowsOf(run);
  expect(rows).toHaveLength(count);
  for (const row of acknowledged) expect(rows).toContainEqual(row);
}, 240_000);
