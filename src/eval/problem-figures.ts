// What went wrong on the way to answers and stayed so, by column: an answer with a problem is scored as it is, and a low
// score that comes of a token limit must not look like one that comes of bad answers.
import type { ColumnRows } from "./column-rows.ts";
import { formatCount } from "./format-numbers.ts";

/** Answers with a problem that stayed. */
export interface ProblemFigures {
  answers: number;
  /** By name, the most frequent first. */
  problems: Record<string, number>;
}

/** The problems of every column that has some. */
export async function problemFigures(
  columns: readonly ColumnRows[],
): Promise<Record<string, ProblemFigures>> {
  const found: Record<string, ProblemFigures> = {};
  for (const { name, rows } of columns) {
    let answers = 0;
    const counts = new Map<string, number>();
    for await (const { problem } of rows) {
      answers++;
      if (problem !== undefined) counts.set(problem, (counts.get(problem) ?? 0) + 1);
    }
    const ordered = [...counts].sort(([, a], [, b]) => b - a);
    if (ordered.length > 0) found[name] = { answers, problems: Object.fromEntries(ordered) };
  }
  return found;
}

/** The problems of one column as a line. */
export function problemNote([column, { answers, problems }]: [string, ProblemFigures]): string {
  const counts = Object.entries(problems);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  const list = counts.map(([name, count]) => `${name} ${formatCount(count)}`).join(", ");
  return `${column}: ${formatCount(sum)} of ${formatCount(answers)} answers have a problem that stayed (${list}) and are scored as they are.`;
}
