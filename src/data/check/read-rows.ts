// Files of any size to checked rows. A row that cannot be used is reported by the kind of its fault and left out:
// bytes that are no UTF-8, text that is no JSON, JSON that is no object, an object that breaks its format's schema.
import { isUtf8 } from "node:buffer";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import { readJsonArray } from "../../util/read-json-array.ts";
import { type ByteLine, readLines } from "../../util/read-lines.ts";
import type { Finding } from "./finding.ts";
import { detectFormat, instructionFormats } from "./formats/index.ts";
import { isObject } from "./formats/value-kinds.ts";
import type { CheckedRow, InstructionFormat, RowValue } from "./row-view.ts";

export interface ReadRowsOptions {
  /** Format of all files; found from the first rows of each when left out. */
  format?: InstructionFormat["name"];
  /** Reads at most so many rows of each file. */
  limit?: number;
  /** Told what is wrong with rows that are left out. */
  report?: (finding: Finding) => void;
  /** Told now and then how many bytes of a file's rows were read. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** Yields the rows of files in batches; rows that are left out count as read, in `seen`. */
export async function* readRows(
  files: readonly string[],
  { format: name, limit = Number.POSITIVE_INFINITY, report, onBytes, signal }: ReadRowsOptions = {},
): AsyncGenerator<{ seen: number; rows: CheckedRow[] }> {
  for (const [fileIndex, file] of files.entries()) {
    let format = instructionFormats.find((each) => each.name === name);
    let left = limit;
    try {
      for await (const lines of batchesOf(file, signal)) {
        if (lines.length > left) lines.length = left;
        left -= lines.length;
        format ??= detectFormat(lines.slice(0, 100).flatMap(({ bytes }) => tryObject(bytes)));
        const rows: CheckedRow[] = [];
        let bytes = 0;
        for (const line of lines) {
          bytes += line.bytes.length + 1;
          const row = decode(file, fileIndex, line, format, report);
          if (row) rows.push(row);
        }
        onBytes?.(bytes);
        yield { seen: lines.length, rows };
        if (left === 0) break;
      }
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      const rule = code === "ENOENT" ? "must exist" : "must be readable";
      throw new InputError({ where: `"${file}"`, rule, got: code, cause: error });
    }
  }
}

/** Small batches, so that rows are garbage before the collector takes them for lasting. */
const chunkBytes = 1 << 16;

function batchesOf(file: string, signal?: AbortSignal): AsyncGenerator<ByteLine[]> {
  const extension = path.extname(file).toLowerCase();
  if (extension === ".jsonl" || extension === ".ndjson") return readLines(file, { chunkBytes, signal });
  if (extension === ".json") return readJsonArray(file, { chunkBytes, signal });
  throw new InputError({
    where: `"${file}"`,
    rule: "must be a .jsonl file, or a .json file with a list",
    got: extension ? `a ${extension} file` : "a name without an extension",
  });
}

function tryObject(bytes: Buffer): RowValue[] {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? [value] : [];
  } catch {
    return [];
  }
}

function decode(
  file: string,
  fileIndex: number,
  { line, bytes }: ByteLine,
  format: InstructionFormat,
  report?: (finding: Finding) => void,
): CheckedRow | undefined {
  const fail = (check: string, message: string, id?: unknown): undefined => {
    const named = typeof id === "string" || typeof id === "number" ? { id: String(id) } : {};
    report?.({ check, severity: "error", where: `${file}:${line}`, ...named, message });
  };
  if (!isUtf8(bytes)) return fail("utf8", "must be UTF-8 text, but has other bytes");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    return fail("json", `must be JSON, but ${(error as Error).message.replace(/\s+/g, " ").slice(0, 100)}`);
  }
  if (!isObject(value)) return fail("json", `must be a JSON object, got ${kindOf(value)}`);
  if (!format.isValid(value)) {
    const problem = format.explain(value);
    if (problem !== undefined) {
      return fail(/must be one of the choices/.test(problem) ? "choices" : "schema", problem, value.id);
    }
  }
  return { file, fileIndex, line, format, value, view: format.view(value) };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
}
