import { describe, expect, test } from "vitest";
import type { Sample } from "../spec/index.ts";
import { toJsonOutput } from "./json-output.ts";
import type { ColumnRun, CompareRun, Row } from "./run-compare.ts";
import { wilsonInterval } from "./statistics.ts";
import { summarise } from "./summary.ts";
import { formatTable } from "./table.ts";

const samples: Sample[] = Array.from({ length: 10 }, (_, i) => ({
  id: `q${i}`,
  instruction: "?",
  input: [],
  response: "yes",
  type: i < 4 ? "counting" : "existence",
}));

/** A column whose scores are given as text: 1 right, 0 wrong, h half, f failed. */
function column(name: string, scores: string, fields: Partial<ColumnRun> = {}): ColumnRun {
  const rows = [...scores].map((mark, i): Row => {
    if (mark === "f") return { id: `q${i}`, score: 0, error: "no answer" };
    const score = mark === "h" ? 0.5 : Number(mark);
    return { id: `q${i}`, text: "x", score, latencyMs: 10 * (i + 1), inputTokens: 100, outputTokens: 2 };
  });
  return { name, model: "m", technique: name, rows, ...fields };
}

const majority: ColumnRun = {
  ...{ name: "majority", model: null, technique: "majority" },
  rows: samples.map(({ id }) => ({ id, text: "yes", score: 0 })),
};

const run: CompareRun = {
  columns: [column("direct", "11110000f1"), column("blind", "1000000000"), majority],
  aborted: false,
};
const prices = { m: { inputPerMillion: 2, outputPerMillion: 10 } };
const summary = summarise(run, { dataset: "d", samples, prices });

describe("summarise", () => {
  test("counts failed questions as wrong and shows them", () => {
    expect(summary.columns[0]).toMatchObject({
      n: 10,
      accuracy: 0.5,
      interval: wilsonInterval(5, 10),
      byType: { counting: { n: 4, accuracy: 1 }, existence: { n: 6, accuracy: 1 / 6 } },
      failed: 1,
      failure: "no answer",
      latencyMs: { median: 50, p95: 92 },
    });
  });

  test("sums tokens and their price; what is unknown stays unknown", () => {
    expect(summary.columns[0]).toMatchObject({ tokens: { input: 900, output: 18 } });
    expect(summary.columns[0]!.cost).toBeCloseTo((900 * 2 + 18 * 10) / 1e6, 12);
    expect(summary.columns[2]).toMatchObject({
      tokens: { input: undefined, output: undefined },
      cost: undefined,
    });
    const silent = column("direct", "11");
    silent.rows[1]!.outputTokens = undefined;
    const [half] = summarise(
      { columns: [silent], aborted: false },
      { dataset: "d", samples, prices },
    ).columns;
    expect(half).toMatchObject({ tokens: { input: 200, output: undefined }, cost: undefined });
  });

  test("compares every column with the first, question by question", () => {
    expect(summary.comparisons).toEqual([
      {
        ...{ column: "blind", against: "direct", n: 10, onlyColumn: 0, onlyAgainst: 4, p: 0.125 },
        ...{ adjustedP: 0.125, verdict: "cannot tell", moreQuestions: 8 },
      },
      {
        ...{ column: "majority", against: "direct", n: 10, onlyColumn: 0, onlyAgainst: 5, p: 0.0625 },
        ...{ adjustedP: 0.125, verdict: "cannot tell", moreQuestions: 4 },
      },
    ]);
  });

  test("a stopped column is compared on what both were asked", () => {
    const stopped = { columns: [column("a", "11110"), column("b", "000")], aborted: true };
    const { comparisons } = summarise(stopped, { dataset: "d", samples });
    expect(comparisons).toEqual([
      {
        ...{ column: "b", against: "a", n: 3, onlyColumn: 0, onlyAgainst: 3, p: expect.closeTo(0.25, 12) },
        ...{ adjustedP: expect.closeTo(0.25, 12), verdict: "cannot tell", moreQuestions: 3 },
      },
    ]);
  });
});

test("the JSON has the promised fields and null for what is unknown", () => {
  const json = toJsonOutput(summary);
  expect(Object.keys(json)).toEqual(["dataset", "columns", "comparisons"]);
  expect(json.dataset).toBe("d");
  expect(json.columns[2]).toEqual({
    name: "majority",
    model: null,
    technique: "majority",
    n: 10,
    accuracy: 0,
    interval: wilsonInterval(0, 10),
    byType: {
      counting: { n: 4, accuracy: 0, interval: wilsonInterval(0, 4) },
      existence: { n: 6, accuracy: 0, interval: wilsonInterval(0, 6) },
    },
    failed: 0,
    tokens: { input: null, output: null },
    latencyMs: { median: null, p95: null },
  });
});

test("the table shows all of it, unknown as a dash", () => {
  expect(`\n${formatTable(summary)}`).toBe(`
d: 10 questions

column    accuracy  95% interval  p vs first  failed  tokens in  out  median    p95    cost
-------------------------------------------------------------------------------------------
direct       50.0%   23.7 – 76.3                   1        900   18   50 ms  92 ms  0.0020
blind        10.0%    1.8 – 40.4       0.125       0      1,000   20   55 ms  95 ms  0.0022
majority      0.0%    0.0 – 27.8       0.063       0          –    –       –      –       –

type       n  direct  blind  majority
-------------------------------------
counting   4  100.0%  25.0%      0.0%
existence  6   16.7%   0.0%      0.0%

direct: 1 failed and counted as wrong, most often: no answer
p: exact McNemar test against the first column on the same questions, two-sided.
blind: cannot tell from direct at this size; about 8 more questions would.
majority: cannot tell from direct at this size; about 4 more questions would.
`);
});

test("graded scores and a stop are said below the table", () => {
  const graded = { columns: [column("direct", "1h"), column("blind", "10")], aborted: true };
  const text = formatTable(summarise(graded, { dataset: "d", samples, prices: {} }));
  expect(text).toContain("Stopped early: direct 2 of 10, blind 2 of 10.");
  expect(text).toContain("Accuracy is the mean score: a caption scores the F1 of the objects it names.");
  expect(text).toContain("two-sided, right = full score.");
});
