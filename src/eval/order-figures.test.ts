import { expect, test } from "vitest";
import { orderFigures, orderNote } from "./order-figures.ts";
import type { Row } from "./row.ts";

const row = (id: string, repeat: number, text: string, score: number): Row => ({
  ...{ id, seq: 0, repeat, type: "t", group: id, text, score },
});
const rows = [
  row("a", 0, "yes", 1),
  row("a", 1, "no", 0),
  row("b", 0, "2", 1),
  row("b", 1, "2", 1),
  row("c", 0, "x", 1),
];
const column = (technique: string, own: Row[] = rows) => ({
  name: technique,
  model: "m",
  technique,
  rows: own,
});

test("columns that were asked in several random orders say how much hangs on the order", async () => {
  const spec = "reason show(from=x, k=2, order=random)";
  const figures = await orderFigures([
    column(spec),
    column("show(from=x, k=2)"),
    column(
      "show(order=random, from=y)",
      rows.filter(({ repeat }) => repeat === 0),
    ),
  ]);
  expect(figures).toEqual({ [spec]: { questions: 2, orders: 2, changed: 0.5, worst: 0.5, best: 1 } });
  expect(orderNote([spec, figures[spec]!])).toBe(
    `${spec}: in 2 orders of the same demonstrations 50.0% of 2 questions get different answers; accuracy 50.0% in the worst order, 100.0% in the best.`,
  );
});

test("a failed answer is no answer in another order", async () => {
  const failed = [{ ...rows[0]!, error: "late" }, rows[1]!, rows[2]!];
  expect(await orderFigures([column("show(order=random)", failed)])).toEqual({});
});
