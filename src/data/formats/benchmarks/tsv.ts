// Reads a TSV file row by row, so that a file of hundreds of megabytes never is in memory as a whole.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { InputError } from "../../../errors/index.ts";

/** One row by column name, with the line that it starts on. */
export interface TsvRow {
  line: number;
  value: Record<string, string>;
}

/** Calls `onRow` for every row below the header; a field with tabs, quotes or line breaks is in double quotes. */
export async function readTsv(file: string, onRow: (row: TsvRow) => Promise<void>): Promise<void> {
  const parser = parse({ bom: true, columns: true, delimiter: "\t", info: true, skip_empty_lines: true });
  try {
    await pipeline(createReadStream(file), parser, async (rows) => {
      for await (const { record, info } of rows as AsyncIterable<ParsedRow>) {
        // csv-parse counts the line that a record ends on; quoted line breaks make it start earlier.
        let breaks = 0;
        for (const cell of Object.values(record))
          breaks += cell.length < 64_000 ? cell.split("\n").length - 1 : 0;
        await onRow({ line: info.lines - breaks, value: record });
      }
    });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== undefined) {
      const rule = code === "ENOENT" ? "must exist" : "must be readable";
      throw new InputError({ where: `"${file}"`, rule, got: code === "ENOENT" ? "no such file" : code });
    }
    if (!(error instanceof CsvError)) throw error;
    const rule = error.message.replace(/\s+/g, " ").slice(0, 200).replace(/\.$/, "");
    throw new InputError({ where: `${file}:${"lines" in error ? error.lines : 1}`, rule, cause: error });
  }
}

interface ParsedRow {
  record: Record<string, string>;
  info: { lines: number };
}
