// The command line does not hold its dataset: what is alive in memory while questions of 60 MB are asked, summed up and
// exported is a fraction of them. The garbage collector says how much is alive each time that it has looked at all.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = path.resolve(import.meta.dirname, "../bin/sightline.js");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-memory-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Questions of about 10 kB. */
async function writeQuestions(name: string, count: number): Promise<void> {
  const file = createWriteStream(path.join(folder, name));
  const padding = "so much is said before the question ".repeat(280);
  for (let i = 0; i < count; i++) {
    const question = {
      id: `q${i}`,
      image: `${i}.png`,
      question: `${i}: ${padding}?`,
      answer: i % 3 ? "yes" : "no",
    };
    if (!file.write(`${JSON.stringify(question)}\n`))
      await new Promise((resolve) => file.once("drain", () => resolve(undefined)));
  }
  file.end();
  await finished(file);
}

/** A collector that marks while the program goes on counts what dies meanwhile as alive, the more of it the busier the machine is. */
const collector = ["--trace-gc", "--no-incremental-marking", "--single-threaded-gc"];

/** Runs a command; resolves to what it printed and the most megabytes that were alive in it. */
function run(...args: string[]): Promise<{ stdout: string; alive: number }> {
  const child = spawn(process.execPath, [...collector, program, ...args], {
    cwd: folder,
    env: { ...process.env, SIGHTLINE_STORE: "store.db" },
  });
  let [output, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    output += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (status) => {
      const traces = /^\[\d+:0x.*\n/gm;
      const looks = [...output.matchAll(/Mark-Compact.*? -> ([\d.]+)/g)];
      const alive = Math.max(...looks.map(([, megabytes]) => Number(megabytes)));
      if (status === 0 && looks.length > 0) resolve({ stdout: output.replace(traces, ""), alive });
      else reject(new Error(stderr.slice(0, 2000)));
    });
  });
}

test("a dataset is asked, summed up and exported without being held", async () => {
  const count = 6000;
  await writeQuestions("q.jsonl", count);
  const asked = await run("compare", "q.jsonl", "-t", "majority", "--json");
  expect(JSON.parse(asked.stdout).columns).toMatchObject([{ name: "majority", n: count, failed: 0 }]);
  expect(asked.alive).toBeLessThan(60);
  const exported = await run("report", "--csv", "b.csv", "--json", "b.json", "--junit", "b.xml");
  for (const name of ["b.csv", "b.json"])
    expect((await stat(path.join(folder, name))).size).toBeGreaterThan(count * 10_000);
  expect(exported.alive).toBeLessThan(60);
}, 300_000);
