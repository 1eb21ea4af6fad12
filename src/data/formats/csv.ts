import { CsvError, parse } from "csv-parse/sync";
import { InputError } from "../../errors/index.ts";
import { nearest } from "../../util/text.ts";
import type { Row } from "./json-lines.ts";
import { shortFields } from "./short-row.ts";

const lists = ["images", "answers", "choices"];

/**
 * Reads a CSV with the columns of the short form. `images`, `answers` and `choices` hold several values separated by
 * `|`; empty cells count as absent.
 */
export function parseCsv(text: string, file: string): Row[] {
  let table: { record: string[]; info: { lines: number } }[];
  try {
    table = parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true }) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const rule = error.message.replace(/\s+/g, " ").replace(/\.$/, "");
    throw new InputError({ where: `${file}:${"lines" in error ? error.lines : 1}`, rule, cause: error });
  }
  const [header, ...body] = table;
  const names = header?.record.map((name) => name.toLowerCase()) ?? [];
  checkHeader(names, file);
  return body.map(({ record, info }) => {
    const value: Record<string, unknown> = {};
    for (const [column, cell] of record.entries()) {
      const name = names[column]!;
      if (cell === "") continue;
      value[name] = lists.includes(name) ? cell.split("|").map((item) => item.trim()) : cell;
    }
    // csv-parse counts the line that a record ends on; quoted line breaks make it start earlier.
    const breaks = record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
    return { line: info.lines - breaks, value };
  });
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
