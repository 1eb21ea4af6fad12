// Commands that are killed without a word, again and again, and started again: what they write in the end is what one
// unbroken run writes, byte for byte.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentHash } from "../util/hash.ts";
import { createRng } from "../util/rng.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-data-resume-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const program = path.resolve(import.meta.dirname, "../../bin/sightline.js");
const at = (...names: string[]) => path.join(folder, ...names);

/** A child process of `sightline data …`. */
function start(words: string[]) {
  return spawn(process.execPath, [program, "data", ...words], { stdio: ["ignore", "ignore", "inherit"] });
}

/** The files of a folder with the hashes of their bytes. */
async function contents(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const pairs = names.map(async (name) => [name, contentHash(await readFile(path.join(dir, name)))]);
  return Object.fromEntries(await Promise.all(pairs));
}

/**
 * Runs a command into the folder `broken` and kills it at random, until it comes to its end.
 * @returns how often it was killed
 */
async function runKilled(words: (dir: string) => string[], stateName: string): Promise<number> {
  const seed = Date.now();
  const rng = createRng("kill", seed);
  for (let kills = 0; kills < 40; kills++) {
    const child = start(words("broken"));
    const ended = once(child, "exit");
    const started = Date.now();
    // From the first state on, a random while.
    const state = () => readFile(at("broken", stateName), "utf8").catch(() => "");
    const before = await state();
    while (child.exitCode === null && Date.now() - started < 20_000 && (await state()) === before)
      await new Promise((resolve) => setTimeout(resolve, 5));
    // The first two at once, so that a fast machine does not come to its end before.
    const pause = kills < 2 ? 0 : 500 * rng.next();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, pause))]);
    // Without a state the work is done and only the process has to end: what it wrote is whole, and stays.
    if ((await state()) !== "") child.kill("SIGKILL");
    const [code] = await ended;
    if (code !== null) {
      expect(code, `seed ${seed}`).toBe(0);
      return kills;
    }
  }
  throw new Error(`never came to its end (seed ${seed})`);
}

test("adapt to Parquet with a task held out keeps the finished shards over kills", async () => {
  const row = (i: number) => ({
    ...{ id: String(i % 900), instruction: `What is ${i}?`, input: [], response: "word ".repeat(2000) },
    ...{ type: i % 7 === 0 ? "count" : "name" },
  });
  const lines = Array.from({ length: 2500 }, (_, i) => (i % 50 === 3 ? '{"id": 3}' : JSON.stringify(row(i))));
  await writeFile(at("in.jsonl"), lines.join("\n"));
  const words = (dir: string) => [
    ...["adapt", at("in.jsonl"), "--to", "hf", "--out", at(dir), "--hold-out", "count"],
    ...["--shard-mb", "1", "--keep-extra"],
  ];
  expect(await once(start(words("whole")), "exit")).toEqual([0, null]);
  const kills = await runKilled(words, "train.partial.json");
  expect(kills).toBeGreaterThan(1);
  const whole = await contents(at("whole"));
  // 2,450 rows of 10 kB: 21 MB in train, and 3.5 MB in test.
  expect(Object.keys(whole).filter((name) => name.startsWith("train"))).toHaveLength(22);
  expect(Object.keys(whole).filter((name) => name.startsWith("test"))).toHaveLength(4);
  expect(await contents(at("broken"))).toEqual(whole);
}, 300_000);

test("mix goes on over kills without a Sample twice", async () => {
  const sample = (i: number) => ({
    id: String(i),
    instruction: "Why? ".repeat(100),
    input: [],
    response: "So.",
  });
  for (const name of ["a", "b"]) {
    const lines = Array.from({ length: 6000 }, (_, i) => (i % 40 ? JSON.stringify(sample(i)) : '{"id":'));
    await writeFile(at(`${name}.jsonl`), lines.join("\n"));
  }
  const words = (dir: string) => [
    ...["mix", at("a.jsonl"), at("b.jsonl"), "--weights", "3,1", "--count", "20000", "--seed", "5"],
    ...["--out", at(dir, "mixed.jsonl")],
  ];
  expect(await once(start(words("whole")), "exit")).toEqual([0, null]);
  const kills = await runKilled(words, "mixed.jsonl.partial.json");
  expect(kills).toBeGreaterThan(1);
  const whole = await contents(at("whole"));
  expect(Object.keys(whole)).toEqual(["mixed.jsonl", "rejects.jsonl"]);
  expect(await contents(at("broken"))).toEqual(whole);
}, 300_000);
