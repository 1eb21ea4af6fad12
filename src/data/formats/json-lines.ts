import type { RowProblems } from "./row-problems.ts";

/** One row of a file, with the line that it starts on. */
export interface Row {
  line: number;
  value: unknown;
}

/** Parses JSON Lines; blank lines are skipped, and lines that are not JSON objects become problems. */
export function parseJsonLines(text: string, problems: RowProblems): Row[] {
  const rows: Row[] = [];
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    if (raw.trim() === "") continue;
    try {
      const value: unknown = JSON.parse(raw);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) rows.push({ line, value });
      else
        problems.add(
          line,
          `must be a JSON object, got ${Array.isArray(value) ? "an array" : raw.trim().slice(0, 20)}`,
        );
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, " ").slice(0, 100);
      problems.add(line, `must be JSON, but ${reason}`);
    }
  }
  return rows;
}
