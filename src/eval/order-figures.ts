// How much the order of demonstrations changes answers, for every column that was asked in several random orders.
import { type OrderedAnswer, type OrderSensitivity, orderSensitivity } from "../icl/index.ts";
import type { ColumnRows } from "./column-rows.ts";
import { formatCount, formatPercent } from "./format-numbers.ts";

/** Order sensitivity of each column with `show(order=random)` whose questions were repeated. */
export async function orderFigures(
  columns: readonly ColumnRows[],
): Promise<Record<string, OrderSensitivity>> {
  const found: Record<string, OrderSensitivity> = {};
  for (const { name, technique, rows } of columns) {
    if (!/\bshow\([^)]*\border=random\b/.test(technique)) continue;
    const answers: OrderedAnswer[] = [];
    const repeats = new Map<string, number>();
    for await (const { id, repeat, text = "", score, error } of rows) {
      if (error !== undefined) continue;
      answers.push({ question: id, repeat, text, score });
      repeats.set(id, (repeats.get(id) ?? 0) + 1);
    }
    const orders = new Set(answers.map(({ repeat }) => repeat)).size;
    const isWhole = orders > 1 && [...repeats.values()].includes(orders);
    if (isWhole) found[name] = orderSensitivity(answers);
  }
  return found;
}

/** The figures of one column as a line. */
export function orderNote([column, figures]: [string, OrderSensitivity]): string {
  const { questions, orders, changed, best, worst } = figures;
  return (
    `${column}: in ${orders} orders of the same demonstrations ${formatPercent(changed)} of ${formatCount(questions)} ` +
    `questions get different answers; accuracy ${formatPercent(worst)} in the worst order, ${formatPercent(best)} in the best.`
  );
}
