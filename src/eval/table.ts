import type { Comparison, Paired } from "./compare-columns.ts";
import {
  formatCost,
  formatCount,
  formatInterval,
  formatMs,
  formatP,
  formatPercent,
} from "./format-numbers.ts";
import type { ColumnSummary, Summary } from "./summary.ts";

/** Writes a summary as text: one line a column, then one line a question type, then what needs saying. */
export function formatTable(summary: Summary): string {
  const { columns, comparisons, dataset, n } = summary;
  const hasCost = columns.some(({ cost }) => cost !== undefined);
  const isClustered = columns.some(({ clusteredInterval }) => clusteredInterval !== undefined);
  const byPicture = isClustered ? ["by picture"] : [];
  const head = [
    "column",
    "accuracy",
    "95% interval",
    ...byPicture,
    "p vs first",
    "failed",
    "tokens in",
    "out",
  ];
  const rows = columns.map((column) => {
    const { name, accuracy, interval, clusteredInterval, failed, tokens, latencyMs, cost } = column;
    const p = comparisons.find((comparison) => comparison.column === name)?.p;
    return [
      ...[name, formatPercent(accuracy), formatInterval(interval)],
      ...(isClustered ? [formatInterval(clusteredInterval ?? interval)] : []),
      ...[formatP(p), formatCount(failed)],
      ...[formatCount(tokens.input), formatCount(tokens.output)],
      ...[formatMs(latencyMs.median), formatMs(latencyMs.p95), ...(hasCost ? [formatCost(cost)] : [])],
    ];
  });
  const main = layOut([[...head, "median", "p95", ...(hasCost ? ["cost"] : [])], ...rows]);
  const title = `${dataset}: ${formatCount(n)} question${n === 1 ? "" : "s"}`;
  return `${[title, main, byType(columns), notes(summary)].filter((part) => part !== "").join("\n\n")}\n`;
}

function byType(columns: readonly ColumnSummary[]): string {
  const types = [...new Set(columns.flatMap((column) => Object.keys(column.byType)))];
  if (types.length < 2) return "";
  const rows = types.map((type) => {
    const tallies = columns.map((column) => column.byType[type]);
    return [
      type,
      String(Math.max(...tallies.map((t) => t?.n ?? 0))),
      ...tallies.map((t) => formatPercent(t?.accuracy)),
    ];
  });
  return layOut([["type", "n", ...columns.map(({ name }) => name)], ...rows]);
}

/** What a reader must know to read the numbers. */
export function notes({ columns, comparisons, graded, aborted, n, repeats }: Summary): string {
  const lines: string[] = [];
  if (aborted) {
    const done = columns.map((column) => `${column.name} ${column.n} of ${n}`).join(", ");
    lines.push(`Stopped early: ${done || "nothing was asked"}.`);
  }
  for (const { name, failed, failure } of columns) {
    if (failed > 0) lines.push(`${name}: ${failed} failed and counted as wrong, most often: ${failure}`);
  }
  if (graded) {
    lines.push(
      "Accuracy is the mean score: a caption scores the F1 of the objects it names. Intervals over such scores are normal, all others Wilson.",
    );
  }
  if (repeats > 1)
    lines.push(
      `Every question was asked ${repeats} times; its score is the mean, and right means right every time.`,
    );
  if (columns.some(({ clusteredInterval }) => clusteredInterval !== undefined)) {
    const verdicts = comparisons.length > 0 ? "; verdicts go by a permutation test over pictures" : "";
    lines.push(`Several questions share a picture: "by picture" counts errors by picture${verdicts}.`);
  }
  if (comparisons.length > 0) {
    const right = graded ? ", right = full score" : "";
    lines.push(`p: exact McNemar test against the first column on the same questions, two-sided${right}.`);
    lines.push(...comparisons.map(verdictLine));
    const parts = comparisons.flatMap(({ byType }) => Object.values(byType));
    if (parts.some(isClear))
      lines.push(`Verdicts by type are corrected (Holm) for ${parts.length} comparisons.`);
  }
  return lines.join("\n");
}

/** Says what a comparison showed, such as "blind: worse than direct (won 3, lost 40)." */
function verdictLine({ column, against, moreQuestions, byType, ...paired }: Comparison): string {
  const more = moreQuestions ? `; about ${formatCount(moreQuestions)} more questions would` : "";
  const said = isClear(paired)
    ? `${paired.verdict} than ${against} ${wonAndLost(paired)}`
    : `cannot tell from ${against} at this size ${wonAndLost(paired)}${more}`;
  const parts = (["better", "worse"] as const).flatMap((verdict) => {
    const types = Object.keys(byType).filter((type) => byType[type]!.verdict === verdict);
    return types.length > 0 ? `${verdict} at ${types.join(", ")}` : [];
  });
  return `${column}: ${said}.${parts.length > 0 ? ` By type ${parts.join("; ")}.` : ""}`;
}

function isClear({ verdict }: Pick<Paired, "verdict">): boolean {
  return verdict !== "cannot tell";
}

/** Questions that only the column, and only the first one, got right. */
export function wonAndLost({ onlyColumn, onlyAgainst }: Pick<Paired, "onlyColumn" | "onlyAgainst">): string {
  return `(won ${formatCount(onlyColumn)}, lost ${formatCount(onlyAgainst)})`;
}

/** Pads cells to columns: the first to the left, the others to the right. */
function layOut(rows: string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => [...row[i]!].length)));
  const pad = (cell: string, i: number) => {
    const space = " ".repeat(widths[i]! - [...cell].length);
    return i === 0 ? cell + space : space + cell;
  };
  const lines = rows.map((row) => row.map(pad).join("  ").trimEnd());
  return [lines[0], "-".repeat(Math.max(...lines.map((line) => [...line].length))), ...lines.slice(1)].join(
    "\n",
  );
}
