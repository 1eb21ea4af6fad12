import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { InputError } from "../../errors/index.ts";
import { nearest } from "../../util/text.ts";
import type { Row } from "./json-lines.ts";
import { shortFields } from "./short-row.ts";
import { textChunks } from "./stream-rows.ts";

const lists = ["images", "answers", "choices"];

/**
 * Reads a CSV with the columns of the short form, row by row. `images`, `answers` and `choices` hold several values
 * separated by `|`; empty cells count as absent.
 */
export async function* csvRows(file: string): AsyncGenerator<Row, void, undefined> {
  const parser = parse({ bom: true, info: true, skip_empty_lines: true, trim: true });
  // What goes wrong in either comes out of the parser.
  pipeline(textChunks(file), parser, () => {});
  let names: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (names) yield rowOf(record, info.lines, names);
      else {
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
    const name = names[column]!;
    if (cell === "") continue;
    value[name] = lists.includes(name) ? cell.split("|").map((item) => item.trim()) : cell;
  }
  // csv-parse counts the line that a record ends on; quoted line breaks make it start earlier.
  const breaks = record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
  return { line: lines - breaks, value };
}

function checkHeader(names: string[], file: string): void {
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
