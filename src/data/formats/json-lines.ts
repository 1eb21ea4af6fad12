import type { RowProblems } from "./row-problems.ts";

/** One row of a file, with the line that it starts on. */
export interface Row {
  line: number;
  value: unknown;
}

/** Parses JSON Lines; blank lines are skipped, and lines that are not JSON objects become problems. */
export function parseJsonLines(text: string, problems: RowProblems): Row[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((raw, index) => (raw.trim() === "" ? [] : (jsonLine(raw, index + 1, problems) ?? [])));
}

/** Parses one line; undefined and a problem when it is no JSON object. */
export function jsonLine(raw: string, line: number, problems: RowProblems): Row | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { line, value };
    const got = Array.isArray(value) ? "an array" : raw.trim().slice(0, 20);
    problems.add(line, `must be a JSON object, got ${got}`);
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, " ").slice(0, 100);
    problems.add(line, `must be JSON, but ${reason}`);
  }
  return undefined;
}
