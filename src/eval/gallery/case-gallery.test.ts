import { describe, expect, test } from "vitest";
import type { Sample } from "../../spec/index.ts";
import { type CaseColumn, caseGallery } from "./case-gallery.ts";

const sample = (id: string, group = id): Sample => ({ id, group, instruction: "q", input: [] });
const column = (name: string, scores: Record<string, number>): CaseColumn => ({
  name,
  rows: Object.entries(scores).map(([id, score]) => ({ id, score, text: `${name} ${id}` })),
});
const ids = (cases: readonly { id: string }[]) => cases.map(({ id }) => id);
const samples = ["a", "b", "c", "d", "e"].map((id) => sample(id));

test("best and worst are the cases that set a column apart", () => {
  const one = column("one", { a: 1, b: 1, c: 0, d: 0, e: 0.5 });
  const two = column("two", { a: 1, b: 0, c: 1, d: 0, e: 0.5 });
  const [first, second] = caseGallery([one, two], samples, { k: 2 });
  expect(first).toMatchObject({ column: "one" });
  expect(first!.best).toEqual([
    { id: "b", text: "one b", score: 1, others: 0, disagreement: 1 },
    { id: "a", text: "one a", score: 1, others: 1, disagreement: 0 },
  ]);
  expect([ids(first!.worst), ids(first!.disagreed).sort()]).toEqual([
    ["c", "d"],
    ["b", "c"],
  ]);
  expect([ids(second!.best), ids(second!.worst)]).toEqual([
    ["c", "a"],
    ["b", "d"],
  ]);
});

test("a second opinion decides what is disputed", () => {
  const one = {
    ...column("one", { a: 1, b: 1, c: 0 }),
    secondScores: new Map([
      ["a", 0.75],
      ["b", 0],
      ["c", 0],
    ]),
  };
  const [gallery] = caseGallery([one, column("two", { c: 1 })], samples);
  expect(gallery!.disagreed).toEqual([
    { id: "b", text: "one b", score: 1, others: null, second: 0, disagreement: 1 },
    { id: "a", text: "one a", score: 1, others: null, second: 0.75, disagreement: 0.25 },
  ]);
});

test("nothing right is no best case, and an error is no case", () => {
  const rows = [
    { id: "a", score: 0, text: "x" },
    { id: "b", score: 0, error: "no answer" },
    { id: "stranger", score: 1, text: "y" },
  ];
  const [gallery] = caseGallery([{ name: "one", rows }], samples);
  expect([ids(gallery!.best), ids(gallery!.worst), ids(gallery!.disagreed)]).toEqual([[], ["a"], []]);
});

describe("among equals", () => {
  const many = Array.from({ length: 60 }, (_, i) => sample(`q${i}`, `picture ${i % 3}`));
  const all = column("one", Object.fromEntries(many.map(({ id }) => [id, 1])));
  const best = (options: object) => ids(caseGallery([all], many, options)[0]!.best);

  test("the seed chooses, the same every time, and not the first of the file", () => {
    expect(best({ seed: 1 })).toEqual(best({ seed: 1 }));
    expect(best({ seed: 1 })).not.toEqual(best({ seed: 2 }));
    expect(best({ seed: 1 })).not.toEqual(["q0", "q1", "q2"]);
  });

  test("different pictures come first", () => {
    const pictures = (found: string[]) => new Set(found.map((id) => Number(id.slice(1)) % 3)).size;
    for (let seed = 0; seed < 10; seed++) expect(pictures(best({ seed }))).toBe(3);
    expect(best({ k: 5 })).toHaveLength(5);
  });
});
