// Reads a TSV file row by row, so that a file of hundreds of megabytes is never in memory as a whole. A line without
// quotes, which nearly every one is, is cut at its tabs; only rows with quoted cells go through the CSV parser, which
// looks at every character of a picture's base64 and takes several times as long.
import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse/sync";
import { InputError } from "../../../errors/index.ts";

/** One row by column name, or what is wrong with it, with the line that it starts on. */
export interface TsvRow {
  line: number;
  value: Record<string, string> | string;
}

/** Calls `onRow` for every row below the header; a cell with tabs, quotes or line breaks is in double quotes. */
export async function readTsv(file: string, onRow: (row: TsvRow) => Promise<void>): Promise<void> {
  let columns: string[] | undefined;
  try {
    for await (const { line, text } of rowsOf(file)) {
      const cells = cellsOf(text, `${file}:${line}`);
      if (!columns) {
        columns = cells;
        continue;
      }
      if (cells.length !== columns.length) {
        const value = `must have as many cells as the header, ${columns.length}, got ${cells.length}`;
        await onRow({ line, value });
        continue;
      }
      await onRow({ line, value: Object.fromEntries(columns.map((name, i) => [name, cells[i]!])) });
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const rule = code === "ENOENT" ? "must exist" : "must be readable";
    throw new InputError({ where: `"${file}"`, rule, got: code === "ENOENT" ? "no such file" : code });
  }
}

/** The rows as text; lines belong together while a quote is open. */
async function* rowsOf(file: string): AsyncGenerator<{ line: number; text: string }> {
  let line = 0;
  let open: { line: number; text: string } | undefined;
  for await (const text of linesOf(file)) {
    line++;
    const isOdd = text.split('"').length % 2 === 0;
    if (open) {
      open.text += `\n${text}`;
      if (!isOdd) continue;
      yield open;
      open = undefined;
    } else if (isOdd) open = { line, text };
    else if (text !== "") yield { line, text };
  }
  if (open)
    throw new InputError({ where: `${file}:${open.line}`, rule: "must close the quote that it opens" });
}

/** Lines one at a time: node:readline reads ahead without a bound that matters for lines this long. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  let isStart = true;
  for await (const chunk of createReadStream(file, { encoding: "utf8" }) as AsyncIterable<string>) {
    const lines = (rest + (isStart ? chunk.replace(/^\uFEFF/, "") : chunk)).split("\n");
    isStart = false;
    rest = lines.pop()!;
    for (const text of lines) yield withoutReturn(text);
  }
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function cellsOf(text: string, where: string): string[] {
  if (!text.includes('"')) return text.split("\t").map(detach);
  try {
    return parse(text, { delimiter: "\t" })[0]!;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const rule = error.message.replace(/\s+/g, " ").slice(0, 200).replace(/\.$/, "");
    throw new InputError({ where, rule, cause: error });
  }
}

/** A cell cut out of a row keeps the row in memory, picture and all; a copy of a short one does not. */
function detach(cell: string): string {
  return cell.length < 4096 ? Buffer.from(cell).toString() : cell;
}
