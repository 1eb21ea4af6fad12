import { expect, test } from "vitest";
import { problemFigures, problemNote } from "./problem-figures.ts";
import type { Row } from "./row.ts";

const row = (seq: number, problem?: string): Row => ({
  ...{ id: `q${seq}`, seq, repeat: 0, type: "t", group: "g", text: "", score: 0 },
  ...(problem ? { problem } : {}),
});
const column = (name: string, rows: Row[]) => ({ name, model: "m", technique: name, rows });

test("problems that stayed are counted by column and name; a column without any is left out", async () => {
  const rows = [row(0, "loop"), row(1, "cut"), row(2), row(3, "cut")];
  const figures = await problemFigures([column("direct", [row(0)]), column("reason", rows)]);
  expect(figures).toEqual({ reason: { answers: 4, problems: { cut: 2, loop: 1 } } });
  expect(Object.entries(figures).map(problemNote)).toEqual([
    "reason: 3 of 4 answers have a problem that stayed (cut 2, loop 1) and are scored as they are.",
  ]);
});
