// The official figures of a benchmark for every column of a run.
import type { Samples } from "../data/formats/index.ts";
import { type ColumnRows, withAnswers } from "./column-rows.ts";
import type { Figure, Task, TaskRow } from "./tasks/index.ts";

/** Figures by column name; empty for tasks that have none beside accuracy. */
export async function figuresOf(
  task: Task,
  columns: readonly ColumnRows[],
  samples: Samples,
): Promise<Record<string, Figure[]>> {
  const figures: Record<string, Figure[]> = {};
  if (!task.figures) return figures;
  for (const column of columns) {
    // A benchmark's rule sees all of its rows at once.
    const list: TaskRow[] = [];
    for await (const { sample, rows } of withAnswers(samples, [column]))
      if (rows[0]) list.push({ sample, text: rows[0].text, score: rows[0].score });
    if (list.length > 0) figures[column.name] = task.figures(list);
  }
  return figures;
}

/** Writes the figures as text, one line a figure; empty without figures. */
export function formatFigures(figures: Record<string, readonly Figure[]>): string {
  const blocks = Object.entries(figures).map(([column, list]) => {
    const lines = list.map(({ name, value, type }) => {
      const label = type === undefined ? name : `${name}, ${type}`;
      return `  ${label.padEnd(36)} ${value.toFixed(4)}`;
    });
    return [`${column}, by the benchmark's rule:`, ...lines].join("\n");
  });
  return blocks.length > 0 ? `\n${blocks.join("\n\n")}\n` : "";
}
