// Runs as a person keeps them, in real processes against a real server: stopped and gone on with, amended, asked
// again where it failed, capped, repeated, exported and compared.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { encodePng } from "../src/media/index.ts";
import { type OpenAiServer, type ServerReply, startOpenAiServer } from "../src/testing/openai-server.ts";

vi.setConfig({ testTimeout: 180_000 });
const program = path.resolve(import.meta.dirname, "../bin/sightline.js");
const count = 24;

let folder: string;
let server: OpenAiServer;
let reply: (question: string, body: Record<string, unknown>) => ServerReply;
let storeNumber = 0;

/** Runs the command line on the current store. */
function sightline(args: string[], onOutput?: (kill: () => void) => void) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, OPENAI_API_KEY: "", SIGHTLINE_STORE: `store-${storeNumber}.db` },
    cwd: folder,
  });
  const result = { code: null as number | null, stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    result.stdout += text;
  });
  child.stderr.on("data", (text) => {
    result.stderr += text;
  });
  onOutput?.(() => child.kill("SIGINT"));
  return new Promise<typeof result>((resolve) => child.on("close", (code) => resolve({ ...result, code })));
}
const compare = (...args: string[]) =>
  sightline(["compare", "q.jsonl", "-m", `${server.url}#demo`, "-t", "direct", "--json", ...args]);
/** How often each question number has reached the server. */
function asked(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of server.requests) {
    const number = /number (\d+)/.exec(JSON.stringify(body.messages))![1]!;
    counts[number] = (counts[number] ?? 0) + 1;
  }
  return counts;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-runs-"));
  server = await startOpenAiServer(({ body }) =>
    reply(/number \d+/.exec(JSON.stringify(body.messages))![0], body),
  );
  await writeFile(path.join(folder, "p.png"), await encodePng(new Uint8Array(48), 4, 4));
  const rows = Array.from({ length: count }, (_, i) => ({
    ...{ id: `q${i}`, image: "p.png", question: `Is this number ${i}?`, type: i < 12 ? "low" : "high" },
    answer: i % 3 === 0 ? "no" : "yes",
  }));
  await writeFile(path.join(folder, "q.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  storeNumber++;
  server.requests.length = 0;
  reply = () => "yes";
});

test("a stopped run goes on where it was, and no question is asked twice", async () => {
  let kill = () => {};
  reply = () => {
    if (server.requests.length === 9) kill();
    return "yes";
  };
  const stopped = await sightline(
    ["compare", "q.jsonl", "-m", `${server.url}#demo`, "-t", "direct", "--concurrency", "1"],
    (stop) => {
      kill = stop;
    },
  );
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(/Stopped early: direct \d+ of 24/);
  const id = /--resume (\S+)/.exec(stopped.stderr)![1]!;
  const before = Object.keys(asked()).length;
  expect(before).toBeLessThan(12);

  const done = await compare("--resume", id);
  expect(done.code).toBe(0);
  const { columns, run } = JSON.parse(done.stdout);
  expect(run).toBe(id);
  expect(columns[0]).toMatchObject({ n: count, accuracy: 16 / 24, failed: 0 });
  // The question that was under way when the run was stopped has no answer and is asked again.
  const counts = Object.values(asked());
  expect(counts).toHaveLength(count);
  expect(counts.filter((n) => n > 1).length).toBeLessThanOrEqual(1);

  const again = await compare("--resume", "--limit", "24");
  expect(JSON.parse(again.stdout).columns).toEqual(columns);
  expect(Object.values(asked())).toEqual(counts);
});

test("a run is amended with more questions and another technique", async () => {
  expect((await compare("--limit", "8")).code).toBe(0);
  const first = Object.keys(asked());
  expect(first).toHaveLength(8);
  const more = await sightline([
    ...["compare", "q.jsonl", "-m", `${server.url}#demo`, "-t", "direct", "-t", "blind", "--json"],
    ...["--limit", "12", "--resume"],
  ]);
  const { columns } = JSON.parse(more.stdout);
  expect(columns.map(({ name, n }: { name: string; n: number }) => [name, n])).toEqual([
    ["direct", 12],
    ["blind", 12],
  ]);
  expect(server.requests).toHaveLength(8 + 4 + 12);

  const fewer = await compare("--limit", "5", "--resume");
  expect([fewer.code, fewer.stdout]).toEqual([2, ""]);
  expect(fewer.stderr).toMatch(
    /^sightline: run \S+: was made with 12 questions, and going on can only add some, got 5\. Give at least as many/,
  );
});

test("going on with other settings is refused; failed questions alone are asked again on request", async () => {
  reply = (question) => (/number (3|7)$/.test(question) ? { status: 400, body: "bad" } : "yes");
  const first = await compare();
  expect(JSON.parse(first.stdout).columns[0]).toMatchObject({ n: count, failed: 2 });
  const other = await compare("--resume", "--seed", "5");
  expect([other.code, other.stdout]).toEqual([2, ""]);
  expect(other.stderr).toMatch(/^sightline: run \S+: was made with seed 0, got 5\. Give the same options/);

  server.requests.length = 0;
  reply = () => "yes";
  expect(JSON.parse((await compare("--resume")).stdout).columns[0].failed).toBe(2);
  expect(server.requests).toHaveLength(0);
  const healed = await compare("--resume", "--retry-failed");
  expect(JSON.parse(healed.stdout).columns[0]).toMatchObject({ n: count, failed: 0, accuracy: 16 / 24 });
  expect(asked()).toEqual({ 3: 1, 7: 1 });
});

test("a budget ends the run with its own exit code, and the rest is asked later", async () => {
  const capped = await compare("--max-total-tokens", "60", "--concurrency", "1");
  expect(capped.code).toBe(3);
  expect(capped.stderr).toMatch(/The budget is spent\. Go on with --resume/);
  const { n, tokens } = JSON.parse(capped.stdout).columns[0];
  expect(n).toBeGreaterThan(1);
  expect(n).toBeLessThan(count);
  const total = tokens.input + tokens.output;
  expect(total).toBeGreaterThanOrEqual(60);
  expect(total - total / n).toBeLessThan(60);
  expect(JSON.parse((await compare("--resume")).stdout).columns[0].n).toBe(count);
  expect(server.requests).toHaveLength(count);
});

test("repetitions have seeds of their own and one score a question", async () => {
  reply = (_, { seed }) => (seed === 10 ? "yes" : "no");
  const { stdout } = await compare("--repeat", "2", "--seed", "10", "--temperature", "0.5");
  expect(new Set(server.requests.map(({ body }) => body.seed))).toEqual(new Set([10, 11]));
  expect(JSON.parse(stdout).columns[0]).toMatchObject({ n: count, accuracy: 0.5 });
});

test("hosted answers are reused only when asked to", async () => {
  await compare("--cache");
  await compare("--cache");
  expect(server.requests).toHaveLength(count);
  await compare();
  expect(server.requests).toHaveLength(2 * count);
});

test("a kept run is shown, exported and compared with another", async () => {
  const a = JSON.parse((await compare()).stdout).run as string;
  reply = (question) => (question === "number 4" ? 'no, "never", <b>' : "yes");
  const b = JSON.parse((await compare("--max-tokens", "100")).stdout).run as string;

  const list = await sightline(["report", "--list"]);
  expect(
    list.stdout.split("\n").filter((line) => line.includes("q.jsonl, 24 questions: direct")),
  ).toHaveLength(2);

  const files = ["--html", "r.html", "--csv", "r.csv", "--junit", "r.xml", "--json", "r.json"];
  const shown = await sightline(["report", b, ...files]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`Run ${b} of `);
  const read = (name: string) => readFile(path.join(folder, name), "utf8");
  const csv = (await read("r.csv")).split("\r\n");
  expect(csv).toHaveLength(count + 2);
  expect(csv[5]).toMatch(
    /^direct,q4,low,\S+,0,Is this number 4\?,yes,"no, ""never"", <b>",0,,[\d.]+,\d+,\d+$/,
  );
  const xml = await read("r.xml");
  expect(xml).toContain('<testsuite name="direct" tests="24" failures="9" errors="0"');
  expect(xml).toContain("got: no, &quot;never&quot;, &lt;b&gt;</failure>");
  const json = JSON.parse(await read("r.json"));
  expect(json.manifest).toMatchObject({ scorer: "match or caption-f1", maxOutputTokens: 100, repeats: 1 });
  expect(json.manifest.promptHashes.direct).toMatch(/^sha256:/);
  expect(json.answers).toHaveLength(count);
  expect(await read("r.html")).toContain("data:image/png;base64,");

  const diff = await sightline(["diff", a, b]);
  expect(diff.stdout).toContain("maxOutputTokens: 512 -> 100");
  expect(diff.stdout).toContain("questions: 24 the same, 0 changed, 0 only in a, 0 only in b");
  expect(diff.stdout).toContain("direct: 66.7% -> 62.5% on 24 questions of both");
  expect(diff.stdout).toContain("the same: 24 prompts, 23 answers");
  expect(diff.stdout).toContain('q4  Is this number 4?  "yes" -> "no, \\"never\\", <b>"');

  const missing = await sightline(["report", "nothing"]);
  expect([missing.code, missing.stdout]).toEqual([2, ""]);
  expect(missing.stderr).toMatch(/has no such run, got "nothing"\. sightline report --list shows the runs\./);
});

test("training data that holds the questions is named, with how many", async () => {
  const rows = [1, 2].map((i) => ({
    id: `t${i}`,
    image: "p.png",
    question: `Is this number ${i}?`,
    answer: "yes",
  }));
  rows.push({ id: "t3", image: "p.png", question: "Is this another?", answer: "yes" });
  await writeFile(path.join(folder, "train.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { stdout } = await compare("--train-data", "train.jsonl", "--report", "leak.html");
  const { questions, pictures, both } = JSON.parse(stdout).overlaps["train.jsonl"];
  expect([questions, pictures.count, both]).toEqual([count, count, { count: 2, ids: ["q1", "q2"] }]);
  expect(await readFile(path.join(folder, "leak.html"), "utf8")).toContain(
    "train.jsonl: In the training data: 2 of 24 questions with picture, words and answer, 24 of 24 with the picture",
  );
});
