import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { InputError, SetupError } from "../errors/index.ts";
import { encodePng } from "../media/index.ts";
import { direct } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import { mockModel } from "../testing/index.ts";
import { type Column, majorityColumn, modelColumn } from "./column.ts";
import { runCompare } from "./run-compare.ts";
import { createScorer } from "./scorer.ts";

const samples: Sample[] = ["yes", "no", "yes", "two"].map((response, i) => ({
  id: `q${i + 1}`,
  instruction: `Question ${i + 1}?`,
  input: [{ type: "image", source: "p.png" }],
  response,
  type: i < 3 ? "existence" : "counting",
}));
const scorer = createScorer();
const picture = encodePng(new Uint8Array(12), 2, 2, 3);
const loadImage = async () => ({ bytes: await picture, mediaType: "image/png" });

function column(fields: Partial<Column>): Column {
  const base = { name: "c", model: "m", technique: "direct", concurrency: 1 };
  return { ...base, answer: async () => ({ text: "yes" }), ...fields };
}

test("a model column asks every question with its picture and keeps answer, usage and time", async () => {
  const model = mockModel(["Yes.", "yes", { error: new Error("model\n  fell over") }, "2"]);
  const options = { name: "m", modelName: "mock", technique: "direct", concurrency: 1, loadImage };
  const columns = [
    modelColumn({ ...options, model: direct()(model), seed: 7, timeoutMs: 1000, maxOutputTokens: 50 }),
  ];
  const { columns: runs, aborted } = await runCompare({ samples, columns }, { scorer });
  expect(aborted).toBe(false);
  expect(runs[0]!.rows.map(({ id, text, score, error }) => ({ id, text, score, error }))).toEqual([
    { id: "q1", text: "Yes.", score: 1, error: undefined },
    { id: "q2", text: "yes", score: 0, error: undefined },
    { id: "q3", text: undefined, score: 0, error: "model fell over" },
    { id: "q4", text: "2", score: 1, error: undefined },
  ]);
  expect(runs[0]!.rows[0]).toMatchObject({ inputTokens: 2, outputTokens: 1 });
  expect(runs[0]!.rows[0]!.latencyMs).toBeGreaterThan(0);
  const call = model.calls[0]!;
  expect(call).toMatchObject({ temperature: 0, seed: 7, maxOutputTokens: 50 });
  expect(call.prompt).toMatchObject([
    {
      role: "user",
      content: [
        { type: "file", data: { data: await picture } },
        { type: "text", text: "Question 1?" },
      ],
    },
  ]);
  expect(JSON.stringify(model.calls.map(({ providerOptions }) => providerOptions))).not.toContain(
    '"response"',
  );
});

test("the majority column gives the most frequent answer of the type", async () => {
  const { columns } = await runCompare({ samples, columns: [majorityColumn(samples)] }, { scorer });
  expect(columns[0]!.rows.map(({ text, score }) => [text, score])).toEqual([
    ["yes", 1],
    ["yes", 0],
    ["yes", 1],
    ["two", 1],
  ]);
});

test("questions are under way together up to the column's concurrency, and rows keep their order", async () => {
  let open = 0;
  let most = 0;
  const slow = column({
    concurrency: 3,
    answer: async ({ id }) => {
      most = Math.max(most, ++open);
      await sleep(id === "q1" ? 30 : 5);
      open--;
      return { text: id };
    },
  });
  const { columns } = await runCompare({ samples, columns: [slow] }, { scorer });
  expect(most).toBe(3);
  expect(columns[0]!.rows.map(({ text }) => text)).toEqual(["q1", "q2", "q3", "q4"]);
});

describe("trouble with the setup", () => {
  const refused = new SetupError({ where: "http://localhost:1", rule: "cannot connect" });

  test("ends the run when nothing was ever answered", async () => {
    let asked = 0;
    const dead = column({
      answer: async () => {
        asked++;
        throw refused;
      },
    });
    await expect(runCompare({ samples, columns: [dead] }, { scorer })).rejects.toBe(refused);
    expect(asked).toBe(3);
  });

  test("is a failed question once something was answered", async () => {
    const flaky = column({
      answer: async ({ id }) => {
        if (id !== "q1") throw refused;
        return { text: "yes" };
      },
    });
    const { columns } = await runCompare({ samples, columns: [flaky] }, { scorer });
    expect(columns[0]!.rows.map(({ error }) => error)).toEqual([
      undefined,
      ...Array(3).fill(refused.message),
    ]);
  });

  test("bad pictures do not end the run", async () => {
    const broken = new InputError({ where: '"p.png"', rule: "must exist" });
    const answer = () => Promise.reject(broken);
    const { columns } = await runCompare({ samples, columns: [column({ answer })] }, { scorer });
    expect(columns[0]!.rows).toHaveLength(4);
    expect(columns[0]!.rows[3]).toEqual({
      ...{ id: "q4", seq: 3, repeat: 0, type: "counting", group: "q4" },
      ...{ score: 0, error: '"p.png": must exist.' },
    });
  });
});

test("a stopped run keeps what was answered and asks nothing more", async () => {
  const stop = new AbortController();
  const asked: string[] = [];
  const stopping = column({
    answer: async ({ id }, signal) => {
      asked.push(id);
      if (id === "q3") stop.abort(new Error("stopped"));
      signal?.throwIfAborted();
      return { text: "yes" };
    },
  });
  const columns = [stopping, column({ name: "never" })];
  const run = await runCompare({ samples, columns }, { scorer, signal: stop.signal });
  expect(asked).toEqual(["q1", "q2", "q3"]);
  expect(run).toMatchObject({ aborted: true, columns: [{ name: "c", rows: [{ id: "q1" }, { id: "q2" }] }] });
  expect(run.columns).toHaveLength(1);
  expect(run.columns[0]!.rows).toHaveLength(2);
});

test("a model that never answers fails the question after the time limit", async () => {
  const model = mockModel(() => new Promise<string>(() => {}));
  const options = { name: "m", modelName: "mock", technique: "direct", concurrency: 4, loadImage };
  const columns = [modelColumn({ ...options, model, seed: 0, timeoutMs: 50, maxOutputTokens: 9 })];
  const run = await runCompare({ samples: samples.slice(0, 1), columns }, { scorer });
  expect(run.columns[0]!.rows[0]).toMatchObject({
    id: "q1",
    score: 0,
    error:
      "model: must answer within 0.05 s. Raise --timeout, or ask fewer questions at once (--concurrency).",
  });
});
