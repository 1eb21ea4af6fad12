import { describe, expect, test } from "vitest";
import { toJsonOutput } from "./json-output.ts";
import type { Row } from "./row.ts";
import type { ColumnRun, CompareRun } from "./run-compare.ts";
import { wilsonInterval } from "./statistics.ts";
import { summarise } from "./summary.ts";
import { formatTable } from "./table.ts";

/** Question number i of ten; each has a picture of its own. */
function place(i: number): Pick<Row, "id" | "seq" | "repeat" | "type" | "group"> {
  return { id: `q${i}`, seq: i, repeat: 0, type: i < 4 ? "counting" : "existence", group: `q${i}` };
}

/** A column whose scores are given as text: 1 right, 0 wrong, h half, f failed. */
function column(name: string, scores: string, fields: Partial<ColumnRun> = {}): ColumnRun {
  const rows = [...scores].map((mark, i): Row => {
    if (mark === "f") return { ...place(i), score: 0, error: "no answer" };
    const score = mark === "h" ? 0.5 : Number(mark);
    return { ...place(i), text: "x", score, latencyMs: 10 * (i + 1), inputTokens: 100, outputTokens: 2 };
  });
  return { name, model: "m", technique: name, rows, ...fields };
}

const majority: ColumnRun = {
  ...{ name: "majority", model: null, technique: "majority" },
  rows: Array.from({ length: 10 }, (_, i) => ({ ...place(i), text: "yes", score: 0 })),
};

const run: CompareRun = {
  columns: [column("direct", "11110000f1"), column("blind", "1000000000"), majority],
  aborted: false,
};
const prices = { m: { inputPerMillion: 2, outputPerMillion: 10 } };
const summary = await summarise(run, { dataset: "d", n: 10, prices });

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

  test("sums tokens and their price; what is unknown stays unknown", async () => {
    expect(summary.columns[0]).toMatchObject({ tokens: { input: 900, output: 18 } });
    expect(summary.columns[0]!.cost).toBeCloseTo((900 * 2 + 18 * 10) / 1e6, 12);
    expect(summary.columns[2]).toMatchObject({
      tokens: { input: undefined, output: undefined },
      cost: undefined,
    });
    const silent = column("direct", "11");
    silent.rows[1]!.outputTokens = undefined;
    const { columns } = await summarise(
      { columns: [silent], aborted: false },
      { dataset: "d", n: 10, prices },
    );
    const [half] = columns;
    expect(half).toMatchObject({ tokens: { input: 200, output: undefined }, cost: undefined });
  });

  test("compares every column with the first, question by question", () => {
    const lostOne = expect.objectContaining({ n: 6, onlyColumn: 0, onlyAgainst: 1, p: 1 });
    expect(summary.comparisons).toEqual([
      {
        ...{ column: "blind", against: "direct", n: 10, onlyColumn: 0, onlyAgainst: 4, p: 0.125 },
        ...{ adjustedP: 0.125, verdict: "cannot tell", moreQuestions: 8 },
        byType: {
          counting: expect.objectContaining({ n: 4, onlyColumn: 0, onlyAgainst: 3 }),
          existence: lostOne,
        },
      },
      {
        ...{ column: "majority", against: "direct", n: 10, onlyColumn: 0, onlyAgainst: 5, p: 0.0625 },
        ...{ adjustedP: 0.125, verdict: "cannot tell", moreQuestions: 4 },
        byType: {
          counting: expect.objectContaining({ n: 4, onlyColumn: 0, onlyAgainst: 4 }),
          existence: lostOne,
        },
      },
    ]);
  });

  test("a stopped column is compared on what both were asked", async () => {
    const stopped = { columns: [column("a", "11110"), column("b", "000")], aborted: true };
    const { comparisons } = await summarise(stopped, { dataset: "d", n: 10 });
    expect(comparisons).toEqual([
      {
        ...{ column: "b", against: "a", n: 3, onlyColumn: 0, onlyAgainst: 3, p: expect.closeTo(0.25, 12) },
        ...{ adjustedP: expect.closeTo(0.25, 12), verdict: "cannot tell", moreQuestions: 3 },
        byType: {
          counting: expect.objectContaining({ n: 3, onlyAgainst: 3 }),
          existence: expect.objectContaining({ n: 0, p: 1, verdict: "cannot tell" }),
        },
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
blind: cannot tell from direct at this size (won 0, lost 4); about 8 more questions would.
majority: cannot tell from direct at this size (won 0, lost 5); about 4 more questions would.
`);
});

test("graded scores and a stop are said below the table", async () => {
  const graded = { columns: [column("direct", "1h"), column("blind", "10")], aborted: true };
  const text = formatTable(await summarise(graded, { dataset: "d", n: 10, prices: {} }));
  expect(text).toContain("Stopped early: direct 2 of 10, blind 2 of 10.");
  expect(text).toContain("Accuracy is the mean score: a caption scores the F1 of the objects it names.");
  expect(text).toContain("two-sided, right = full score.");
});

test("questions about one picture count together in the clustered interval and test", async () => {
  // Five pictures with two questions each, always both right or both wrong: the data of five, not of ten.
  const paired = (name: string, scores: string) => {
    const one = column(name, scores);
    return { ...one, rows: one.rows.map((row) => ({ ...row, group: `p${Math.floor(row.seq / 2)}` })) };
  };
  const { columns, comparisons } = await summarise(
    { columns: [paired("a", "1111111100"), paired("b", "0000000000")], aborted: false },
    { dataset: "d", n: 10 },
  );
  const { interval, clusteredInterval } = columns[0]!;
  expect(interval).toEqual(wilsonInterval(8, 10));
  // sqrt(5/4 * (4 * 0.4^2 + 1.6^2)) / 10 = 0.2
  expect(clusteredInterval![0]).toBeCloseTo(0.8 - 1.959963984540054 * 0.2, 12);
  expect(clusteredInterval![1]).toBe(1);
  // Signs of four pictures: two of sixteen choices are as far out.
  expect(comparisons[0]).toMatchObject({
    ...{ p: expect.closeTo(0.0078125, 12), clusteredP: 0.125, adjustedP: 0.125 },
  });
});

test("repetitions of a question are one question with their mean score", async () => {
  const one = column("a", "1100");
  const rows = one.rows.map((row, i) => ({
    ...row,
    ...{ id: `q${i >> 1}`, seq: i >> 1, repeat: i & 1, group: `q${i >> 1}`, score: i === 0 ? 1 : row.score },
  }));
  rows[3]!.score = 1;
  const { columns, graded } = await summarise(
    { columns: [{ ...one, rows }], aborted: false },
    { dataset: "d", n: 2, repeats: 2 },
  );
  expect(columns[0]).toMatchObject({ n: 2, accuracy: 0.75 });
  expect(graded).toBe(true);
});
