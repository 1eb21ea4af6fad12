import { expect, test } from "vitest";
import { compareColumns } from "./compare-columns.ts";
import { readScores } from "./score-table.ts";
import { summarise } from "./summary.ts";
import { formatTable } from "./table.ts";

/** Rows of 20 counting questions, then 20 of position, then 4 of reading; marks 1 are right. */
function rows(marks: string, picturesOf = (i: number) => `p${i}`) {
  return [...marks].map((mark, i) => ({
    ...{ id: `q${i}`, seq: i, repeat: 0, group: picturesOf(i), score: Number(mark), text: "x" },
    type: i < 20 ? "counting" : i < 40 ? "position" : "reading",
  }));
}

const types = ["counting", "position", "reading"];
const half = (first: string, second: string) => `${first.repeat(20)}${second.repeat(20)}1111`;

async function compare(marks: string[], picturesOf?: (i: number) => string) {
  const tables = await Promise.all(marks.map((text) => readScores(rows(text, picturesOf))));
  return compareColumns(
    marks.map((_, i) => `c${i}`),
    tables,
    types,
  );
}

test("a column that wins as much as it loses is told apart by type", async () => {
  const [one] = await compare([half("0", "1"), half("1", "0")]);
  expect(one).toMatchObject({ column: "c1", against: "c0", n: 44, onlyColumn: 20, onlyAgainst: 20 });
  expect(one!.verdict).toBe("cannot tell");
  const { counting, position, reading } = one!.byType;
  expect(counting).toMatchObject({ n: 20, onlyColumn: 20, onlyAgainst: 0, verdict: "better" });
  expect(position).toMatchObject({ n: 20, onlyColumn: 0, onlyAgainst: 20, verdict: "worse" });
  expect(reading).toMatchObject({ n: 4, p: 1, verdict: "cannot tell", moreQuestions: null });
});

test("verdicts by type are corrected for all columns and types", async () => {
  // Six of six: p = 2 / 2^6, below 5% alone, above it as one of three, and more so as one of six.
  const six = `${"1".repeat(6)}${"0".repeat(14)}${"0".repeat(20)}1111`;
  const p = 2 / 2 ** 6;
  const [alone] = await compare([half("0", "0"), six]);
  expect(alone!.byType.counting).toMatchObject({ onlyColumn: 6, verdict: "cannot tell" });
  expect(alone!.byType.counting!.adjustedP).toBeCloseTo(3 * p, 12);
  expect(alone!.verdict).toBe("better");
  const both = await compare([half("0", "0"), half("0", "0"), six]);
  expect(both[1]!.byType.counting!.adjustedP).toBeCloseTo(6 * p, 12);
});

test("questions about one picture count as one cluster of their type only", async () => {
  const [one] = await compare([half("0", "0"), half("1", "0")], (i) => `p${i % 20}`);
  expect(one!.byType.counting!.clusteredP).toBeLessThan(0.001);
  expect(one!.byType.position!.clusteredP).toBe(1);
});

test("one type alone has no verdicts of its own", async () => {
  const tables = await Promise.all(["01", "11"].map((text) => readScores(rows(text))));
  expect(compareColumns(["a", "b"], tables, ["counting"])[0]!.byType).toEqual({});
});

test("the table says where a column gains and where it loses", async () => {
  const column = (name: string, marks: string) => ({ name, model: "m", technique: name, rows: rows(marks) });
  const run = {
    columns: [column("direct", half("0", "1")), column("reason", half("1", "0"))],
    aborted: false,
  };
  expect(formatTable(await summarise(run, { dataset: "d", n: 44 }))).toContain(`
reason: cannot tell from direct at this size (won 20, lost 20). By type better at counting; worse at position.
Verdicts by type are corrected (Holm) for 3 comparisons.
`);
});
