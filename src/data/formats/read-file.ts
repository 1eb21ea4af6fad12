// A dataset file: a JSONL of Samples, a JSONL of the short form, or a CSV. It is read row by row, so that it may be larger
// than memory; a first pass looks at all rows, and bad ones are told together.
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { Hash64Map, hash64 } from "../check/hash64.ts";
import { csvRows } from "./csv.ts";
import { jsonLine, type Row } from "./json-lines.ts";
import { RowProblems } from "./row-problems.ts";
import { samplesOfRows } from "./sample-jsonl.ts";
import { samplesOfShortRows } from "./short-row.ts";
import { textLines } from "./stream-rows.ts";

const maxBytes = 500e6;
/** Rows that are checked together. */
const rowsAtOnce = 256;

/** A dataset file that was read once and found to be in order. */
export interface SampleFile {
  count: number;
  /** Name of the dataset that all Samples say they are from. */
  origin?: string;
  /** Read from the file each time. */
  samples: AsyncIterable<Sample>;
}

/** Reads a dataset file of at most 500 MB into memory. */
export async function readDatasetFile(file: string): Promise<Sample[]> {
  const { size } = await stat(file);
  if (size > maxBytes) throw tooLarge(file, size);
  const samples: Sample[] = [];
  for await (const sample of checkedSamples(file)) samples.push(sample);
  return samples;
}

/** Checks a dataset file of any size; its Samples are then read one at a time. */
export async function openSampleFile(file: string): Promise<SampleFile> {
  const version = await versionOf(file);
  let count = 0;
  let origin: string | undefined;
  for await (const { provenance } of checkedSamples(file)) {
    if (count++ === 0) origin = provenance?.dataset;
    else if (provenance?.dataset !== origin) origin = undefined;
  }
  return {
    count,
    ...(origin === undefined ? {} : { origin }),
    samples: {
      async *[Symbol.asyncIterator]() {
        if ((await versionOf(file)) !== version) {
          const hint = "Run again when the file is finished.";
          throw new InputError({ where: file, rule: "must not change while it is being read", hint });
        }
        yield* checkedSamples(file);
      },
    },
  };
}

async function versionOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return `${size} ${mtimeMs}`;
}

/** The Samples of a file; throws at its end when rows were bad. */
async function* checkedSamples(file: string): AsyncGenerator<Sample, void, undefined> {
  const problems = new RowProblems(file);
  const lineOfId = new Hash64Map();
  let rows: Row[] = [];
  let isShort: boolean | undefined;
  let count = 0;
  const take = function* (): Generator<Sample> {
    isShort ??= !("instruction" in (rows[0]!.value as object));
    const numbered = isShort ? samplesOfShortRows(rows, problems, count) : samplesOfRows(rows, problems);
    count += rows.length;
    rows = [];
    for (const { line, sample } of numbered) {
      // Two ids with the same 64 bits are as good as never two different ones.
      const first = lineOfId.getOrSet(hash64(sample.id), line);
      if (first === undefined) yield sample;
      else problems.add(line, `id: must be unique, but "${sample.id}" is also on line ${first}`);
    }
  };
  for await (const row of rowsOf(file, problems)) {
    rows.push(row);
    if (rows.length === rowsAtOnce) yield* take();
  }
  if (rows.length > 0) yield* take();
  problems.finish(count);
}

function rowsOf(file: string, problems: RowProblems): AsyncIterable<Row> {
  const extension = path.extname(file).toLowerCase();
  if (extension === ".csv" || extension === ".tsv") return csvRows(file, problems);
  if (extension === ".jsonl" || extension === ".ndjson") return jsonRows(file, problems);
  throw new InputError({
    where: `"${file}"`,
    rule: "must be a .jsonl, .csv or .tsv file",
    got: extension ? `a ${extension} file` : "a name without an extension",
  });
}

async function* jsonRows(file: string, problems: RowProblems): AsyncGenerator<Row> {
  for await (const { line, text } of textLines(file)) {
    const row = jsonLine(text, line, problems);
    if (row) yield row;
  }
}

/** Reads a UTF-8 text file of at most 500 MB. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > maxBytes) throw tooLarge(file, bytes.length);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const hint = "Save it as UTF-8 text.";
    throw new InputError({ where: file, rule: "must be UTF-8 text", got: "other bytes", hint, cause });
  }
}

function tooLarge(file: string, bytes: number): InputError {
  const got = `${(bytes / 1e6).toFixed(0)} MB`;
  return new InputError({ where: file, rule: `must be at most ${maxBytes / 1e6} MB`, got });
}
