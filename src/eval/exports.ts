// A stored run in the formats of other programs: JSON with everything, CSV for tables, JUnit for CI. Each is made in
// pieces of text, so that a run of any size can be written.
import { createHash } from "node:crypto";
import { findQuestions, type Store, type StoredRun } from "../store/index.ts";
import { inGroups } from "../util/groups.ts";
import type { ColumnRows } from "./column-rows.ts";
import { toJsonOutput } from "./json-output.ts";
import { parseManifest } from "./manifest.ts";
import type { Row } from "./row.ts";
import type { Summary } from "./summary.ts";

interface Wording {
  question: string;
  references: string[];
}

/** Manifest, figures and every answer of a run as one JSON object. */
export async function* runJson(
  store: Store,
  run: StoredRun,
  summary: Summary,
  columns: readonly ColumnRows[],
): AsyncGenerator<string, void, undefined> {
  const prompts: Record<string, string> = {};
  for (const { name, rows } of columns) {
    const hash = await promptsHash(rows);
    if (hash !== undefined) prompts[name] = hash;
  }
  const cost = Object.fromEntries(summary.columns.map((column) => [column.name, column.cost ?? null]));
  const manifest = { ...parseManifest(run.manifest), promptHashes: prompts, cost };
  const head = { run: run.id, created: run.created, state: run.state, manifest, ...toJsonOutput(summary) };
  yield `${JSON.stringify(head, undefined, 2).replace(/\n\}$/, "")},\n  "answers": [`;
  let isFirst = true;
  for (const { name, rows } of columns) {
    for await (const group of worded(store, run.id, rows)) {
      const answers = group.map(([row, wording]) => JSON.stringify({ column: name, ...row, ...wording }));
      yield `${isFirst ? "" : ","}\n    ${answers.join(",\n    ")}`;
      isFirst = false;
    }
  }
  yield "\n  ]\n}\n";
}

/** Content address of all prompts of a column; undefined without any. */
async function promptsHash(rows: ColumnRows["rows"]): Promise<string | undefined> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const { promptHashes = [] } of rows)
    for (const one of promptHashes) hash.update(count++ === 0 ? one : `\n${one}`);
  return count === 0 ? undefined : `sha256:${hash.digest("hex")}`;
}

const csvColumns = [
  ...["column", "id", "type", "group", "repeat", "question", "references", "answer", "score", "error"],
  ...["latencyMs", "inputTokens", "outputTokens"],
] as const;

/** One line per answer, with a head line. */
export async function* formatCsv(
  store: Store,
  run: string,
  columns: readonly ColumnRows[],
): AsyncGenerator<string, void, undefined> {
  yield `${csvColumns.join(",")}\r\n`;
  for (const { name, rows } of columns) {
    for await (const group of worded(store, run, rows)) {
      const lines = group.map(([row, { question, references }]) => {
        const cells = {
          ...row,
          column: name,
          question,
          references: references.join(" | "),
          answer: row.text,
        };
        return csvColumns.map((key) => csvCell((cells as Record<string, unknown>)[key])).join(",");
      });
      yield `${lines.join("\r\n")}\r\n`;
    }
  }
}

/** A cell by RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A test suite per column and a test case per question; a question without a full score is a failure. */
export async function* formatJunit(
  store: Store,
  run: StoredRun,
  columns: readonly ColumnRows[],
): AsyncGenerator<string, void, undefined> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(`sightline ${run.dataset}`)}">\n`;
  for (const { name, rows, scores = rows } of columns) {
    const count = { tests: 0, failures: 0, errors: 0 };
    for await (const { score, error } of scores) {
      count.tests++;
      if (error !== undefined) count.errors++;
      else if (score < 1) count.failures++;
    }
    const { tests, failures, errors } = count;
    yield `<testsuite name="${xml(name)}" tests="${tests}" failures="${failures}" errors="${errors}" timestamp="${run.created.slice(0, 19)}">\n`;
    for await (const group of worded(store, run.id, rows))
      yield `${group.map(([row, wording]) => junitCase(row, wording)).join("\n")}\n`;
    yield "</testsuite>\n";
  }
  yield "</testsuites>\n";
}

function junitCase(row: Row, wording: Wording): string {
  const { id, repeat, type, score, error, text = "", latencyMs = 0 } = row;
  const name = xml(repeat === 0 ? id : `${id} (${repeat + 1})`);
  const open = `<testcase classname="${xml(type)}" name="${name}" time="${(latencyMs / 1000).toFixed(3)}"`;
  if (error === undefined && score === 1) return `${open}/>`;
  const asked = `${wording.question}\nexpected: ${wording.references.join(" | ")}\ngot: ${text}`;
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

/** Rows with the words of their questions, in groups. */
async function* worded(
  store: Store,
  run: string,
  rows: ColumnRows["rows"],
): AsyncGenerator<(readonly [Row, Wording])[], void, undefined> {
  for await (const group of inGroups(rows, 500)) {
    const ids = [...new Set(group.map(({ id }) => id))];
    const questions = await findQuestions(store, run, ids);
    const wordings = new Map(questions.map(({ id, data }) => [id, data as Wording]));
    yield group.map((row) => [row, wordings.get(row.id)!] as const);
  }
}
