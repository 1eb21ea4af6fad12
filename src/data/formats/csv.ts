import path from "node:path";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { InputError } from "../../errors/index.ts";
import { nearest } from "../../util/text.ts";
import type { Row } from "./json-lines.ts";
import type { RowProblems } from "./row-problems.ts";
import { shortFields } from "./short-row.ts";
import { textChunks } from "./stream-rows.ts";

const lists = ["images", "answers", "choices"];

/**
 * Reads a CSV (or TSV, by the name of the file) with the columns of the short form, row by row. A row with more or fewer
 * cells than the header is a problem of its own. `images`, `answers` and `choices` hold several values
 * separated by `|`; empty cells count as absent.
 */
export async function* csvRows(
  file: string,
  problems: Pick<RowProblems, "add">,
): AsyncGenerator<Row, void, undefined> {
  const delimiter = path.extname(file).toLowerCase() === ".tsv" ? "\t" : ",";
  const reading = { bom: true, info: true, skip_empty_lines: true, trim: true };
  const parser = parse({ ...reading, delimiter, relax_column_count: true });
  // What goes wrong in either comes out of the parser.
  pipeline(textChunks(file), parser, () => {});
  let names: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (names) {
        const row = rowOf(record, info.lines, names);
        if (record.length === names.length) yield row;
        else
          problems.add(
            row.line,
            `must have as many cells as the header, ${names.length}, got ${record.length}`,
          );
      } else {
        names = record.map((name) => name.toLowerCase());
        checkHeader(names, file);
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const rule = error.message.replace(/\s+/g, " ").replace(/\.$/, "");
    throw new InputError({ where: `${file}:${"lines" in error ? error.lines : 1}`, rule, cause: error });
  }
  if (!names) checkHeader([], file);
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

function rowOf(record: readonly string[], lines: number, names: readonly string[]): Row {
  const value: Record<string, unknown> = {};
  for (const [column, cell] of record.entries()) {
    const name = names[column];
    if (cell === "" || name === undefined) continue;
    value[name] = lists.includes(name) ? cell.split("|").map((item) => item.trim()) : cell;
  }
  // csv-parse counts the line that a record ends on; quoted line breaks make it start earlier.
  const breaks = record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
  return { line: lines - breaks, value };
}

function checkHeader(names: string[], file: string): void {
  if (["index", "a", "b"].every((name) => names.includes(name))) {
    const hint = `Write mmbench:${file}.`;
    throw new InputError({ where: file, rule: "must be of the short form, but has MMBench's columns", hint });
  }
  const has = (...any: string[]) => any.some((name) => names.includes(name));
  const missing =
    (has("question") ? undefined : "question") ??
    (has("image", "images") ? undefined : "image") ??
    (has("answer", "answers") ? undefined : "answer");
  if (!missing) return;
  const slip = nearest(
    missing,
    names.filter((name) => !shortFields.includes(name)),
  );
  throw new InputError({
    where: `${file}:1`,
    rule: `must have a column "${missing}"`,
    got: names.length > 0 ? names.map((name) => `"${name}"`).join(", ") : "no columns",
    hint: slip ? `Rename "${slip}"?` : `Columns: ${shortFields.join(", ")}.`,
  });
}
