import { formatInterval } from "../format-numbers.ts";
import type { Figures } from "./metric.ts";
import type { ScoreOutput } from "./score-file.ts";

/** Writes the summary of a scored file as text, one figure a line, with the types of lines below each other. */
export function formatScoreTable({ metric, summary }: ScoreOutput, file: string): string {
  const { byType, ...whole } = summary;
  const parts = Object.entries((byType ?? {}) as Record<string, Figures>);
  const blocks = [
    `${file}: ${metric}, ${summary.n} scored`,
    figureLines(whole, metric),
    ...parts.map(([type, figures]) => `${type}: ${figures.n} scored\n${figureLines(figures, metric)}`),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function figureLines({ score, interval, n: _, ...others }: Figures, metric: string): string {
  const isShare = metric !== "cider";
  const number = (value: number) => (isShare ? `${(value * 100).toFixed(1)}%` : value.toFixed(3));
  const range = isShare
    ? formatInterval(interval ?? undefined)
    : interval?.map((end) => end.toFixed(3)).join(" – ");
  const lines = [["score", number(score), interval ? `95% interval ${range}` : ""]];
  for (const [name, value] of Object.entries(others)) {
    if (typeof value === "number") lines.push([name, plain.has(name) ? value.toFixed(3) : number(value), ""]);
    if (Array.isArray(value)) lines.push([name, value.map(number).join("  "), ""]);
    if (name === "subtasks") {
      for (const [subtask, figures] of Object.entries(value as Record<string, { score: number }>)) {
        lines.push([subtask, figures.score.toFixed(3), ""]);
      }
    }
  }
  for (const [label, value] of nestedShares(others)) lines.push([label, number(value), ""]);
  const width = Math.max(...lines.map(([name]) => name!.length));
  return lines.map(([name, value, more]) => `${name!.padEnd(width)}  ${value}  ${more}`.trimEnd()).join("\n");
}

/** Figures that are no shares: MME adds several shares, and a length counts words. */
const plain = new Set(["perception", "cognition", "meanLength"]);

/** The shares that a metric keeps in objects, with what their label starts with. */
const nested: Record<string, string> = { splits: "", splitMean: "mean of splits", diagnosis: "wrong by" };

function nestedShares(others: Record<string, unknown>): [label: string, value: number][] {
  const walk = (value: unknown, label: string): [string, number][] =>
    typeof value === "number"
      ? [[label, value]]
      : Object.entries(value as object).flatMap(([key, inner]) => walk(inner, `${label} ${key}`.trim()));
  return Object.entries(others).flatMap(([name, value]) =>
    Object.hasOwn(nested, name) ? walk(value, nested[name]!) : [],
  );
}
