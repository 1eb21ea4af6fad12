// Files of any size to checked rows. A row that cannot be used is reported by the kind of its fault and left out:
// bytes that are no UTF-8, text that is no JSON, JSON that is no object, an object that breaks its format's schema.
// JSON Lines, JSON lists and Parquet are judged by their own format; all else that is read (tables, benchmarks, COCO
// instances, sets of the bundled world) is judged by its reader and then as Samples; their readers are loaded when needed.
import { isUtf8 } from "node:buffer";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import { readJsonArray } from "../../util/read-json-array.ts";
import { type ByteLine, readLines } from "../../util/read-lines.ts";
import type { Finding } from "./finding.ts";
import { detectFormat, instructionFormats } from "./formats/index.ts";
import { sampleFormat, viewSample } from "./formats/sample.ts";
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

/** Rows that were read together. They are made one at a time, and only until the next batch is asked for. */
interface Batch {
  seen: number;
  rows: Iterable<CheckedRow>;
}

/** Yields the rows of files in batches; rows that are left out count as read, in `seen`. */
export async function* readRows(
  files: readonly string[],
  options: ReadRowsOptions = {},
): AsyncGenerator<Batch> {
  for (const [fileIndex, file] of files.entries()) {
    try {
      yield* batchesOf(file, fileIndex, options);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      const rule = code === "ENOENT" ? "must exist" : "must be readable";
      throw new InputError({ where: `"${file}"`, rule, got: code, cause: error });
    }
  }
}

async function* batchesOf(file: string, fileIndex: number, options: ReadRowsOptions): AsyncGenerator<Batch> {
  const lines = await linesOf(file, options.signal);
  if (lines) return yield* lineRows(lines, file, fileIndex, options);
  const shards = await parquetShards(file);
  if (shards.length > 0) return yield* shardRows(shards, fileIndex, options);
  yield* sampleRows(file, fileIndex, options);
}

/** Rows of text. */
async function* lineRows(
  batches: AsyncIterable<ByteLine[]>,
  file: string,
  fileIndex: number,
  { format: name, limit = Number.POSITIVE_INFINITY, report, onBytes }: ReadRowsOptions,
): AsyncGenerator<Batch> {
  let format = instructionFormats.find((each) => each.name === name);
  let left = limit;
  for await (const lines of batches) {
    if (lines.length > left) lines.length = left;
    left -= lines.length;
    format ??= detectFormat(lines.slice(0, 100).flatMap(({ bytes }) => tryObject(bytes)));
    onBytes?.(lines.reduce((sum, { bytes }) => sum + bytes.length + 1, 0));
    yield { seen: lines.length, rows: decodeAll(lines, { file, fileIndex, format, report }) };
    if (left === 0) break;
  }
}

function* decodeAll(
  lines: readonly ByteLine[],
  {
    format,
    report,
    ...place
  }: { file: string; fileIndex: number; format: InstructionFormat; report?: Report },
): Generator<CheckedRow> {
  for (const { line, bytes } of lines) {
    const row = decode({ ...place, line }, bytes, format, report);
    if (row) yield row;
  }
}

/** Rows of Parquet; pictures that are in them as bytes become data URLs. */
async function* shardRows(
  shards: readonly string[],
  fileIndex: number,
  { format: name, limit = Number.POSITIVE_INFINITY, report, signal }: ReadRowsOptions,
): AsyncGenerator<Batch> {
  const { parquetRows, placePictures } = await import("../formats/parquet.ts");
  let format = instructionFormats.find((each) => each.name === name);
  let left = limit;
  for (const file of shards) {
    for await (const { line, value } of parquetRows(file)) {
      signal?.throwIfAborted();
      if (left-- === 0) return;
      const placed = withSources(placePictures(value));
      format ??= detectFormat([placed]);
      const row = judge({ file, fileIndex, line }, placed, format, report);
      yield { seen: 1, rows: row ? [row] : [] };
    }
  }
}

/** A column of pictures that are elsewhere has their paths in structs. */
function withSources(row: RowValue): RowValue {
  if (!Array.isArray(row.images)) return row;
  const images = row.images.map((each: unknown) =>
    isObject(each) && typeof each.path === "string" ? each.path : each,
  );
  return { ...row, images };
}

/** Rows of whatever else can be read, as Samples. */
async function* sampleRows(
  spec: string,
  fileIndex: number,
  { limit = Number.POSITIVE_INFINITY, report, signal }: ReadRowsOptions,
): AsyncGenerator<Batch> {
  const { openInstructions } = await import("../formats/read-instructions.ts");
  const { baseDir, rows } = await openInstructions(spec);
  let left = limit;
  for await (const row of rows()) {
    signal?.throwIfAborted();
    if (left-- === 0) return;
    const { file, line } = row;
    if ("problem" in row) {
      const { path: field, rule } = row.problem;
      const check = /must be one of the choices/.test(rule) ? "choices" : "schema";
      report?.({
        ...{ check, severity: "error", where: `${file}:${line}`, message: rule },
        ...(field ? { field } : {}),
      });
      yield { seen: 1, rows: [] };
      continue;
    }
    const { sample } = row;
    const value = sample as unknown as RowValue;
    const checked = { file, fileIndex, line, baseDir, format: sampleFormat, value, view: viewSample(sample) };
    yield { seen: 1, rows: [checked] };
  }
}

/** Small batches, so that their lines are garbage before the collector takes them for lasting. */
const chunkBytes = 1 << 16;

/** The lines of JSON Lines or the items of a JSON list; undefined for files of other kinds, and for names of datasets. */
async function linesOf(file: string, signal?: AbortSignal): Promise<AsyncGenerator<ByteLine[]> | undefined> {
  if (file.includes(":") && !(await stat(file).catch(() => undefined))) return undefined;
  const extension = path.extname(file).toLowerCase();
  if (extension === ".jsonl" || extension === ".ndjson") return readLines(file, { chunkBytes, signal });
  if (extension !== ".json" || (await isJsonObject(file))) return undefined;
  return readJsonArray(file, { chunkBytes, signal });
}

/** Whether a file is one JSON object, by its first bytes. */
async function isJsonObject(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer
      .subarray(0, bytesRead)
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart()
      .startsWith("{");
  } finally {
    await handle.close();
  }
}

async function parquetShards(spec: string): Promise<string[]> {
  const info = await stat(spec).catch(() => undefined);
  if (info?.isFile()) return path.extname(spec).toLowerCase() === ".parquet" ? [spec] : [];
  const { shardsOf } = await import("../formats/read-instructions.ts");
  return shardsOf(spec, info !== undefined);
}

function tryObject(bytes: Buffer): RowValue[] {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? [value] : [];
  } catch {
    return [];
  }
}

type Place = Pick<CheckedRow, "file" | "fileIndex" | "line">;
type Report = (finding: Finding) => void;

function decode(
  place: Place,
  bytes: Buffer,
  format: InstructionFormat,
  report?: Report,
): CheckedRow | undefined {
  if (!isUtf8(bytes)) return refuse(place, "utf8", "must be UTF-8 text, but has other bytes", report);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, " ").slice(0, 100);
    return refuse(place, "json", `must be JSON, but ${reason}`, report);
  }
  if (!isObject(value)) return refuse(place, "json", `must be a JSON object, got ${kindOf(value)}`, report);
  return judge(place, value, format, report);
}

function judge(
  place: Place,
  value: RowValue,
  format: InstructionFormat,
  report?: Report,
): CheckedRow | undefined {
  if (!format.isValid(value)) {
    const problem = format.explain(value);
    if (problem !== undefined) {
      const check = /must be one of the choices/.test(problem) ? "choices" : "schema";
      return refuse(place, check, problem, report, value.id);
    }
  }
  return { ...place, format, value, view: format.view(value) };
}

function refuse(
  { file, line }: Place,
  check: string,
  message: string,
  report?: Report,
  id?: unknown,
): undefined {
  const named = typeof id === "string" || typeof id === "number" ? { id: String(id) } : {};
  report?.({ check, severity: "error", where: `${file}:${line}`, ...named, message });
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
}
