// Instruction data in whatever format it is: every row is a Sample or a problem with file, line and field. Formats are
// told by their rows, not by names of files. Rows are read one at a time; only COCO files and benchmarks are read whole.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { sampleSchema } from "../schema/index.ts";
import { isAnthropicRow, readAnthropicRow } from "./anthropic.ts";
import { isBenchmarkSpec, openBenchmarkSpec } from "./benchmarks/index.ts";
import { readJson } from "./benchmarks/records.ts";
import { cocoCaptionSamples, isCocoCaptions } from "./coco-captions.ts";
import { cocoSamples } from "./coco-samples.ts";
import { csvRows } from "./csv.ts";
import { hasRows, questionsFile } from "./folder.ts";
import { readHfRow } from "./hf-messages.ts";
import { readLlavaRow } from "./llava.ts";
import type { RowProblem } from "./messages.ts";
import { openDataset } from "./open-dataset.ts";
import { readOpenAiRow } from "./openai.ts";
import { parquetRows, placePictures } from "./parquet.ts";
import { pictureRows, picturesIn } from "./picture-folder.ts";
import { type BadRow, RowProblems } from "./row-problems.ts";
import { type RowReader, zodProblem } from "./row-result.ts";
import { samplesOfShortRows } from "./short-row.ts";
import { firstCharacter, listElements, type TextRow, textLines } from "./stream-rows.ts";

/** One row that was read: a Sample, or what is wrong with it. */
export type InstructionRow = { file: string; line: number } & (
  | { sample: Sample }
  | { problem: RowProblem; text?: string }
);

/** Instruction data that is read as it is asked for. */
export interface InstructionData {
  /** Folder that the pictures' relative paths start from. */
  baseDir: string;
  rows(): AsyncGenerator<InstructionRow>;
}

/** Opens instruction data: a file or a folder in any format that is read, or a dataset by its name. */
export async function openInstructions(spec: string): Promise<InstructionData> {
  const info = await stat(spec).catch(() => undefined);
  const shards = info?.isFile() ? [] : await shardsOf(spec, info !== undefined);
  if (shards.length > 0) {
    return { baseDir: path.dirname(path.resolve(shards[0]!)), rows: () => shardRows(shards) };
  }
  const extension = path.extname(spec).toLowerCase();
  if (info?.isDirectory()) return folderOf(spec);
  const isBundled = spec.startsWith("scenes:");
  if (!info) return isBenchmarkSpec(spec) && !isBundled ? benchmark(spec) : wholeDataset(spec);
  const baseDir = path.dirname(path.resolve(spec));
  if (extension === ".csv" || extension === ".tsv") return { baseDir, rows: () => tableRows(spec) };
  if (extension === ".parquet") return { baseDir, rows: () => shardRows([spec]) };
  const first = await firstCharacter(spec);
  if (first === "[") return { baseDir, rows: () => jsonRows(spec, listElements(spec)) };
  if (extension !== ".json") return { baseDir, rows: () => jsonRows(spec, textLines(spec)) };
  const value = await readJson(spec);
  const isCoco = typeof value === "object" && value !== null && "annotations" in value;
  if (!isCoco) return { baseDir, rows: () => jsonRows(spec, textLines(spec)) };
  const bad: BadRow[] = [];
  const read = isCocoCaptions(value) ? cocoCaptionSamples : cocoSamples;
  const samples = read(value, spec, (row) => bad.push(row));
  return { baseDir, rows: () => numberedRows(samples, spec, bad) };
}

/** A folder with a file of questions, or of pictures without any file of rows. */
async function folderOf(folder: string): Promise<InstructionData> {
  if (!(await hasRows(folder))) {
    const names = await picturesIn(folder);
    if (names.length > 0) return { baseDir: path.resolve(folder), rows: () => pictureRows(folder, names) };
  }
  return openInstructions(await questionsFile(folder));
}

/** The Samples of instruction data, for whoever cannot do without a row: a bad one is an error. */
export async function* goodSamples({ rows }: InstructionData): AsyncGenerator<Sample, void, undefined> {
  for await (const row of rows()) {
    if ("sample" in row) {
      yield row.sample;
      continue;
    }
    const { path: field, rule } = row.problem;
    throw new InputError({
      where: `${row.file}:${row.line}${field ? `, ${field}` : ""}`,
      rule,
      hint: 'See all that is wrong with "sightline data check".',
    });
  }
}

/**
 * The Parquet shards of a folder or of its `data` folder; `FOLDER/train` names those of one split. Splits are never
 * read as one: a test split would end up in the training data.
 */
export async function shardsOf(spec: string, isFolder: boolean): Promise<string[]> {
  const home = isFolder ? spec : path.dirname(spec);
  const start = isFolder ? "" : `${path.basename(spec)}-`;
  for (const folder of [home, path.join(home, "data")]) {
    const all = await readdir(folder).catch(() => []);
    const names = all.filter((name) => name.endsWith(".parquet") && name.startsWith(start)).sort();
    const splits = [...new Set(names.map((name) => /^(.+)-\d+-of-\d+\.parquet$/.exec(name)?.[1]))];
    if (splits.length > 1) {
      throw new InputError({
        where: `"${spec}"`,
        rule: "must hold the shards of one split",
        got: splits.map((split) => split ?? "files of other names").join(" and "),
        hint: `Name one, such as ${path.join(home, splits.find((split) => split !== undefined)!)}.`,
      });
    }
    if (names.length > 0) return names.map((name) => path.join(folder, name));
  }
  return [];
}

async function wholeDataset(spec: string): Promise<InstructionData> {
  const { baseDir, samples } = await openDataset(spec);
  return { baseDir, rows: () => numberedRows(samples, spec) };
}

/** The official files of a benchmark; what is wrong with their rows comes first. */
async function benchmark(spec: string): Promise<InstructionData> {
  const bad: BadRow[] = [];
  const { baseDir, samples } = await openBenchmarkSpec(spec, { onBadRow: (row) => bad.push(row) });
  return { baseDir, rows: () => numberedRows(samples, spec, bad) };
}

async function* numberedRows(
  samples: readonly Sample[],
  file: string,
  bad: readonly BadRow[] = [],
): AsyncGenerator<InstructionRow> {
  for (const { file: official, line, text } of bad) yield { file: official, line, problem: problemOf(text) };
  for (const [i, sample] of samples.entries()) yield { file, line: i + 1, sample };
}

async function* tableRows(file: string): AsyncGenerator<InstructionRow> {
  const bad: { line: number; text: string }[] = [];
  const told = () =>
    bad.splice(0).map(({ line, text }): InstructionRow => ({ file, line, problem: problemOf(text) }));
  let number = 0;
  for await (const { line, value } of csvRows(file, { add: (at, text) => bad.push({ line: at, text }) })) {
    yield* told();
    const result = readShort(value as Record<string, unknown>, ++number);
    yield { file, line, ...result, ...("problem" in result && { text: JSON.stringify(value) }) };
  }
  yield* told();
}

/** `answer: missing` is about the field `answer`. */
function problemOf(text: string): RowProblem {
  const [field, ...rest] = text.split(": ");
  return rest.length > 0 && /^[\w.[\]-]+$/.test(field!)
    ? { path: field!, rule: rest.join(": ") }
    : { path: "", rule: text };
}

async function* jsonRows(file: string, texts: AsyncIterable<TextRow>): AsyncGenerator<InstructionRow> {
  for await (const { line, text } of texts) {
    let value: unknown;
    try {
      value = JSON.parse(line === 1 ? text.replace(/^\uFEFF/, "") : text);
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, " ").slice(0, 100);
      yield { file, line, text, problem: { path: "", rule: `must be JSON, but ${reason}` } };
      continue;
    }
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    const result = isObject
      ? readRow(value as Record<string, unknown>, line)
      : { problem: { path: "", rule: "must be a JSON object" } };
    yield "sample" in result ? { file, line, ...result } : { file, line, text, ...result };
  }
}

async function* shardRows(files: readonly string[]): AsyncGenerator<InstructionRow> {
  let number = 0;
  for (const file of files) {
    for await (const { line, value } of parquetRows(file)) {
      number++;
      const row = placePictures(value);
      yield { file, line, ...readRow(row, number) };
    }
  }
}

/** Reads a row of any format. */
function readRow(row: Record<string, unknown>, number: number): ReturnType<RowReader> {
  const fallbackId = String(number);
  if ("conversations" in row) return readLlavaRow(row, fallbackId);
  if ("params" in row) return readAnthropicRow(row, fallbackId);
  if ("messages" in row) {
    if (row.images != null) return readHfRow(row, fallbackId);
    return isAnthropicRow(row) ? readAnthropicRow(row, fallbackId) : readOpenAiRow(row, fallbackId);
  }
  if ("question" in row) return readShort(row, number);
  const parsed = sampleSchema.safeParse(row);
  if (parsed.success) return { sample: parsed.data };
  if ("instruction" in row) return { problem: zodProblem(parsed.error) };
  const rule = "must have conversations, messages, a question or an instruction";
  return { problem: { path: "", rule } };
}

function readShort(row: Record<string, unknown>, number: number): ReturnType<RowReader> {
  const problems = new RowProblems("");
  const [made] = samplesOfShortRows([{ line: number, value: row }], problems);
  if (made) return { sample: row.id === undefined ? { ...made.sample, id: String(number) } : made.sample };
  return { problem: problemOf(problems.first() ?? "must be a question") };
}
