// What the runner costs: milliseconds a sample beside a zero-latency model with durable commits, the pace it finds on a
// rate-limited server beside the best fixed one, and memory at a million rows. Medians of interleaved rounds.
//   npm run bench:eval                 all three, the last with 1,000,000 rows
//   npm run bench:eval -- overhead     one of overhead, pace, memory
//   npm run bench:eval -- memory 50000 with another number of rows

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type Column,
  createPacer,
  createScorer,
  formatReport,
  formatTable,
  modelColumn,
  type Pacer,
  type RunManifest,
  reportData,
  runColumns,
  startRun,
  storedColumn,
  storedGallery,
  storeRecorder,
  summarise,
} from "../src/eval/index.ts";
import { isBusy, resolveModel } from "../src/model/index.ts";
import type { LanguageModel, Sample } from "../src/spec/index.ts";
import { openStore } from "../src/store/index.ts";
import { mockModel } from "../src/testing/index.ts";

/** Answers at once and remembers nothing. */
const instant: LanguageModel = {
  ...mockModel("yes"),
  doGenerate: async () => ({
    content: [{ type: "text", text: "yes" }],
    finishReason: { unified: "stop", raw: undefined },
    usage: {
      inputTokens: { total: 5, noCache: 5, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    },
    warnings: [],
  }),
};

const rounds = 5;
/** Servers that answer in 40 ms, with 429 where there is no room, and say in milliseconds when to come again. */
const limits = {
  "16 calls at once": () => {
    let open = 0;
    return () => {
      if (open >= 16) return 80;
      open++;
      setTimeout(() => open--, 40);
      return undefined;
    };
  },
  "150 calls in each half second": () => {
    let window = { end: 0, calls: 0 };
    return () => {
      const now = performance.now();
      if (now >= window.end) window = { end: now + 500, calls: 0 };
      return ++window.calls > 150 ? Math.ceil(window.end - now) : undefined;
    };
  },
};
const folder = await mkdtemp(path.join(tmpdir(), "sightline-bench-"));
const [what, count] = process.argv.slice(2);
try {
  if (what === undefined || what === "overhead") await overhead();
  if (what === undefined || what === "pace") await pace();
  if (what === undefined || what === "memory") await memory(Number(count ?? 1_000_000));
} finally {
  await rm(folder, { recursive: true });
}

function* questions(n: number): Generator<Sample> {
  for (let i = 0; i < n; i++)
    yield {
      ...{ id: `question-${i}`, instruction: `Is the number ${i} even?`, input: [], answerType: "yes-no" },
      ...{ response: i % 2 === 0 ? "yes" : "no", type: i % 3 === 0 ? "first" : "second" },
    };
}

function column(concurrency: number | Pacer, model: LanguageModel = instant): Column {
  const loadImage = async () => ({ bytes: new Uint8Array(), mediaType: "image/png" });
  return modelColumn({
    ...{ name: "direct", technique: "direct", modelName: "mock", model, concurrency, loadImage },
    ...{ seed: 0, timeoutMs: 600_000, maxOutputTokens: 8 },
  });
}

function manifest(n: number): RunManifest {
  return {
    ...{ version: "0", node: process.version, platform: process.platform, scorer: "match", seed: 0 },
    dataset: { name: "even numbers", hash: "", questions: n },
    columns: [{ name: "direct", model: "mock", technique: "direct" }],
    ...{ temperature: 0, maxOutputTokens: 8, timeoutMs: 600_000, repeats: 1 },
  };
}

/** The same answers with and without the runner around them. */
async function overhead(): Promise<void> {
  const n = 5000;
  const samples = [...questions(n)];
  const bare: number[] = [];
  const run: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const asked = column(64);
    let start = performance.now();
    for (let i = 0; i < n; i += 64)
      await Promise.all(samples.slice(i, i + 64).map((sample) => asked.answer(sample)));
    bare.push((performance.now() - start) / n);

    const store = await openStore(path.join(folder, `overhead-${round}.db`));
    const { lease } = await startRun(store, { manifest: manifest(n), samples });
    start = performance.now();
    const recorder = storeRecorder(store, lease.run.id);
    await runColumns({ samples, columns: [column(64)] }, { scorer: createScorer(), recorder });
    run.push((performance.now() - start) / n);
    await lease.release();
    await store.close();
  }
  const extra = median(run) - median(bare);
  console.log(
    `overhead: ${extra.toFixed(3)} ms a sample at concurrency 64 (${median(run).toFixed(3)} with the runner and durable commits, ${median(bare).toFixed(3)} for the calls alone; ${n} samples, ${rounds} rounds)`,
  );
}

/** The pace that the runner finds beside fixed ones, on a server with each kind of limit. */
async function pace(): Promise<void> {
  for (const [name, makeLimit] of Object.entries(limits)) await paceOn(name, makeLimit());
}

/** @param refusal takes a call: undefined, or the milliseconds after which to come again */
async function paceOn(name: string, refusal: () => number | undefined): Promise<void> {
  let refused = 0;
  const server = createServer((request, response) => {
    request.resume();
    const waitMs = refusal();
    if (waitMs !== undefined) {
      refused++;
      response.writeHead(429, { "retry-after-ms": String(waitMs) }).end("{}");
      return;
    }
    setTimeout(() => {
      response.setHeader("content-type", "application/json");
      const choice = { index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" };
      response.end(JSON.stringify({ id: "x", created: 0, model: "m", choices: [choice] }));
    }, 40);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#m`;
  const samples = [...questions(3000)];
  const time = async (concurrency: number | undefined) => {
    const pacer = createPacer();
    const onRetry = (error: unknown, ms?: number) => {
      if (isBusy(error)) pacer.busy(ms);
    };
    const model = await resolveModel(url, { retry: { onRetry, retries: 50 } });
    const store = await openStore(":memory:");
    const { lease } = await startRun(store, { manifest: manifest(samples.length), samples });
    const start = performance.now();
    await runColumns(
      { samples, columns: [column(concurrency ?? pacer, model)] },
      { scorer: createScorer(), recorder: storeRecorder(store, lease.run.id) },
    );
    const seconds = (performance.now() - start) / 1000;
    await lease.release();
    await store.close();
    return seconds;
  };
  const settings = [12, 16, 20, undefined];
  const times = settings.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, setting] of settings.entries()) times[i]!.push(await time(setting));
  server.close();
  const rates = times.map((list) => samples.length / median(list));
  const fixed = rates.slice(0, -1);
  const best = Math.max(...fixed);
  const found = times.at(-1)!.map((seconds) => (samples.length / seconds).toFixed(0));
  console.log(
    `pace on a server for ${name}: ${(rates.at(-1)! / best).toFixed(3)} of the best fixed concurrency (found: ${rates.at(-1)!.toFixed(0)} answers/s, rounds ${found.join(" ")}; fixed ${settings
      .slice(0, -1)
      .map((setting, i) => `${setting}: ${fixed[i]!.toFixed(0)}`)
      .join(", ")}; ${refused} refused in all)`,
  );
}

/** Asks, summarises and reports so many questions, and says how much memory that took. */
async function memory(n: number): Promise<void> {
  const store = await openStore(path.join(folder, "memory.db"));
  const start = performance.now();
  const { lease } = await startRun(store, { manifest: manifest(n), samples: questions(n) });
  const { id } = lease.run;
  const asked = performance.now();
  await runColumns(
    { samples: questions(n), columns: [column(64)] },
    { scorer: createScorer(), recorder: storeRecorder(store, id) },
  );
  const ran = performance.now();
  const columns = [storedColumn(store, id, { name: "direct", model: "mock", technique: "direct" })];
  const summary = await summarise({ columns, aborted: false }, { dataset: "even numbers", n });
  const loadImage = () => Promise.reject(new Error("no pictures"));
  const data = await reportData(columns, storedGallery(store, id, questions(n)), { loadImage });
  const page = await formatReport(summary, data, { version: "bench" });
  const done = performance.now();
  formatTable(summary);
  await lease.release();
  await store.close();
  const rss = process.resourceUsage().maxRSS / 1024;
  const rate = (from: number, to: number) => Math.round((n / (to - from)) * 1000).toLocaleString("en-US");
  console.log(
    `memory: ${n.toLocaleString("en-US")} rows, peak RSS ${rss.toFixed(0)} MB; questions written ${rate(start, asked)}/s, answered ${rate(asked, ran)}/s, summary and report ${rate(ran, done)}/s; report ${(page.length / 1e6).toFixed(1)} MB with ${data.questions.length} of them`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
