// A stored run in the formats of other programs: JSON with everything, CSV for tables, JUnit for CI.
import { readQuestions, type Store, type StoredRun } from "../store/index.ts";
import { contentHash } from "../util/hash.ts";
import type { ColumnRows } from "./column-rows.ts";
import { toJsonOutput } from "./json-output.ts";
import { parseManifest } from "./manifest.ts";
import type { Row } from "./row.ts";
import type { Summary } from "./summary.ts";

interface Wording {
  question: string;
  references: string[];
}

/** Manifest, figures and every answer of a run as one JSON value. */
export async function runJson(
  store: Store,
  run: StoredRun,
  summary: Summary,
  columns: readonly ColumnRows[],
): Promise<unknown> {
  const wordings = await wordingsOf(store, run.id);
  const answers: unknown[] = [];
  const prompts: Record<string, string> = {};
  for (const { name, rows } of columns) {
    const hashes: string[] = [];
    for await (const row of rows) {
      answers.push({ column: name, ...row, ...wordings.get(row.id) });
      hashes.push(...(row.promptHashes ?? []));
    }
    if (hashes.length > 0) prompts[name] = contentHash(hashes.join("\n"));
  }
  const cost = Object.fromEntries(summary.columns.map((column) => [column.name, column.cost ?? null]));
  const manifest = { ...parseManifest(run.manifest), promptHashes: prompts, cost };
  return { run: run.id, created: run.created, state: run.state, manifest, ...toJsonOutput(summary), answers };
}

const csvColumns = [
  ...["column", "id", "type", "group", "repeat", "question", "references", "answer", "score", "error"],
  ...["latencyMs", "inputTokens", "outputTokens"],
] as const;

/** One line per answer, with a head line. */
export async function formatCsv(store: Store, run: string, columns: readonly ColumnRows[]): Promise<string> {
  const wordings = await wordingsOf(store, run);
  const lines = [csvColumns.join(",")];
  for (const { name, rows } of columns) {
    for await (const row of rows) {
      const { question = "", references = [] } = wordings.get(row.id) ?? {};
      const values = { ...row, column: name, question, references: references.join(" | "), answer: row.text };
      lines.push(csvColumns.map((key) => csvCell((values as Record<string, unknown>)[key])).join(","));
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A cell by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A test suite per column and a test case per question; a question without a full score is a failure. */
export async function formatJunit(
  store: Store,
  run: StoredRun,
  columns: readonly ColumnRows[],
): Promise<string> {
  const wordings = await wordingsOf(store, run.id);
  const suites: string[] = [];
  for (const { name, rows } of columns) {
    const cases: string[] = [];
    const count = { tests: 0, failures: 0, errors: 0 };
    for await (const row of rows) {
      count.tests++;
      if (row.error !== undefined) count.errors++;
      else if (row.score < 1) count.failures++;
      cases.push(junitCase(row, wordings.get(row.id)));
    }
    const { tests, failures, errors } = count;
    suites.push(
      `<testsuite name="${xml(name)}" tests="${tests}" failures="${failures}" errors="${errors}" timestamp="${run.created.slice(0, 19)}">`,
      ...cases,
      "</testsuite>",
    );
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`sightline ${run.dataset}`)}">`,
    ...suites,
    "</testsuites>\n",
  ].join("\n");
}

function junitCase(row: Row, wording: Wording | undefined): string {
  const { id, repeat, type, score, error, text = "", latencyMs = 0 } = row;
  const name = xml(repeat === 0 ? id : `${id} (${repeat + 1})`);
  const open = `<testcase classname="${xml(type)}" name="${name}" time="${(latencyMs / 1000).toFixed(3)}"`;
  if (error === undefined && score === 1) return `${open}/>`;
  const asked = `${wording?.question ?? ""}\nexpected: ${wording?.references.join(" | ") ?? ""}\ngot: ${text}`;
  const body =
    error === undefined
      ? `<failure message="${xml(`score ${score}`)}">${xml(asked)}</failure>`
      : `<error message="${xml(error)}">${xml(asked)}</error>`;
  return `${open}>${body}</testcase>`;
}

/** Escapes text for XML; characters that XML 1.0 cannot hold become a replacement mark. */
function xml(text: string): string {
  const names: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML refuses.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"']/g, (character) => names[character]!)
  );
}

async function wordingsOf(store: Store, run: string): Promise<Map<string, Wording>> {
  const wordings = new Map<string, Wording>();
  for await (const { id, data } of readQuestions(store, run)) wordings.set(id, data as Wording);
  return wordings;
}
