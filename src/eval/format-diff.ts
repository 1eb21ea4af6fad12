import type { ColumnDiff, Flip, RunDiff } from "./diff-runs.ts";
import { formatCount, formatP, formatPercent } from "./format-numbers.ts";

/** Writes a comparison of two runs as text: causes first, then what they led to. */
export function formatDiff(
  { manifest, questions, columns }: RunDiff,
  { a, b, flips }: { a: string; b: string; flips: number },
): string {
  const { onlyA, onlyB, changed, same } = questions;
  const lines = [`a: ${a}`, `b: ${b}`, ""];
  if (manifest.length === 0) lines.push("Settings, weights and dataset are the same.");
  for (const { what, a: before, b: after } of manifest)
    lines.push(`${what}: ${short(before)} -> ${short(after)}`);
  lines.push(
    `questions: ${formatCount(same)} the same, ${formatCount(changed)} changed, ${formatCount(onlyA)} only in a, ${formatCount(onlyB)} only in b`,
  );
  for (const column of columns) lines.push("", ...columnLines(column, flips));
  return `${lines.join("\n")}\n`;
}

function columnLines(column: ColumnDiff, flips: number): string[] {
  const { a, b, n, accuracyA, accuracyB, samePrompts, sameAnswers, gains, losses, gained, lost, p } = column;
  const prompts =
    samePrompts === undefined ? "unknown how many prompts" : `${formatCount(samePrompts)} prompts`;
  return [
    `${a === b ? a : `${a} -> ${b}`}: ${formatPercent(accuracyA)} -> ${formatPercent(accuracyB)} on ${formatCount(n)} questions of both (McNemar p ${formatP(p)})`,
    `  the same: ${prompts}, ${formatCount(sameAnswers)} answers`,
    `  right only in b: ${formatCount(gains)}`,
    ...gained.slice(0, flips).map(flipLine),
    `  right only in a: ${formatCount(losses)}`,
    ...lost.slice(0, flips).map(flipLine),
  ];
}

function flipLine({ id, question, a, b }: Flip): string {
  return `    ${id}  ${short(question)}  ${JSON.stringify(short(a))} -> ${JSON.stringify(short(b))}`;
}

/** One line of at most 80 characters, without control characters. */
function short(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ").trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
