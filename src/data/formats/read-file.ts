import { readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { parseCsv } from "./csv.ts";
import { parseJsonLines } from "./json-lines.ts";
import { RowProblems } from "./row-problems.ts";
import { samplesOfRows } from "./sample-jsonl.ts";
import { samplesOfShortRows } from "./short-row.ts";

const maxBytes = 500e6;

/** Reads a dataset file: a JSONL of Samples, a JSONL of the short form, or a CSV. */
export async function readDatasetFile(file: string): Promise<Sample[]> {
  const extension = path.extname(file).toLowerCase();
  if (![".jsonl", ".ndjson", ".csv"].includes(extension)) {
    throw new InputError({
      where: `"${file}"`,
      rule: "must be a .jsonl or .csv file",
      got: extension ? `a ${extension} file` : "a name without an extension",
    });
  }
  const text = await readText(file);
  const problems = new RowProblems(file);
  const rows = extension === ".csv" ? parseCsv(text, file) : parseJsonLines(text, problems);
  const isShort = !rows[0] || !("instruction" in (rows[0].value as object));
  const numbered = isShort ? samplesOfShortRows(rows, problems) : samplesOfRows(rows, problems);
  const lineOfId = new Map<string, number>();
  for (const { line, sample } of numbered) {
    const first = lineOfId.get(sample.id);
    if (first === undefined) lineOfId.set(sample.id, line);
    else problems.add(line, `id: must be unique, but "${sample.id}" is also on line ${first}`);
  }
  problems.throwIfAny();
  if (numbered.length === 0) {
    throw new InputError({ where: file, rule: "must hold at least one question", got: "none" });
  }
  return numbered.map(({ sample }) => sample);
}

/** Reads a UTF-8 text file of at most 500 MB. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > maxBytes) {
    const got = `${(bytes.length / 1e6).toFixed(0)} MB`;
    throw new InputError({ where: file, rule: `must be at most ${maxBytes / 1e6} MB`, got });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const hint = "Save it as UTF-8 text.";
    throw new InputError({ where: file, rule: "must be UTF-8 text", got: "other bytes", hint, cause });
  }
}
