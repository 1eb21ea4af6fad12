// What the readers of JSON files share: a list of records is checked against a schema, and the bad ones are reported
// together with the file and the number of the record.
import { z } from "zod";
import { InputError } from "../../../errors/index.ts";
import type { Sample } from "../../../spec/index.ts";
import { issueText } from "../../schema/index.ts";
import { readText } from "../read-file.ts";
import { type OnBadRow, RowProblems } from "../row-problems.ts";

/** A number or text as text; ids are either, depending on the release. */
export const textOrNumber = z
  .union([z.string(), z.number()], "must be text or a number")
  .transform((value) => String(value));

/** Reads a JSON file whose list of records is the file itself or its field `field`. */
export async function readRecords(file: string, field?: string): Promise<unknown[]> {
  return recordsIn(await readJson(file), file, field);
}

/** The list of records in a JSON value. */
export function recordsIn(value: unknown, file: string, field?: string): unknown[] {
  const list = field === undefined ? value : (value as Record<string, unknown> | null)?.[field];
  if (Array.isArray(list)) return list;
  const rule = field === undefined ? "must be a list of records" : `must have a list "${field}"`;
  throw new InputError({ where: file, rule, got: kindOf(list), hint: asReleased });
}

/** Reads a JSON file. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readExisting(file);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = (cause as Error).message.replace(/\s+/g, " ").slice(0, 100);
    throw new InputError({ where: file, rule: `must be JSON, but ${reason}`, hint: asReleased, cause });
  }
}

/** Reads a text file; says which one when it cannot be read. */
export async function readExisting(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const rule = code === "ENOENT" ? "must exist" : "must be readable";
    throw new InputError({ where: `"${file}"`, rule, got: code === "ENOENT" ? "no such file" : code });
  }
}

/** How the records of one file become Samples. */
export interface RecordsToSamples<T> {
  file: string;
  schema: z.ZodType<T>;
  /** The Samples of a record, or what is wrong with it. */
  toSample(record: T, number: number): Sample | Sample[] | string;
  /** Said after a record without an answer. */
  hint?: string;
  /** Said after any other bad record. @default use the official file */
  form?: string;
  unit?: "line" | "record";
  onBadRow?: OnBadRow;
}

/** Checks records and turns them into Samples with different ids; throws when there is none, or a bad one that nobody takes. */
export function samplesOfRecords<T>(
  records: readonly { number: number; value: unknown }[],
  { file, schema, toSample, hint, form, unit = "record", onBadRow }: RecordsToSamples<T>,
  problems: RowProblems = new RowProblems(file, unit, onBadRow),
): Sample[] {
  const samples: Sample[] = [];
  const numberOfId = new Map<string, number>();
  for (const { number, value } of records) {
    const result = schema.safeParse(value);
    const made = result.success ? toSample(result.data, number) : issueText(result.error);
    if (typeof made === "string") {
      problems.add(number, made);
      continue;
    }
    for (const sample of Array.isArray(made) ? made : [made]) {
      const first = numberOfId.get(sample.id);
      numberOfId.set(sample.id, first ?? number);
      if (first === undefined) samples.push(sample);
      else problems.add(number, `id: must be unique, but "${sample.id}" is also in ${unit} ${first}`);
    }
  }
  problems.finish(samples.length, whatToDo(problems, hint, form));
  return samples;
}

const asReleased = "Use the official file as it was released.";

/** What to do about bad rows. @param unanswered said when a split has no answers */
export function whatToDo(problems: RowProblems, unanswered?: string, otherwise = asReleased): string {
  const first = problems.first() ?? "";
  if (first.startsWith('picture "'))
    return "Put the pictures there, or name their folder behind a comma: NAME:FOLDER,PICTURES.";
  return unanswered !== undefined && /not public|annotation|answers/.test(first) ? unanswered : otherwise;
}

/** Numbers the values of a list from 1. */
export function numbered(values: readonly unknown[]): { number: number; value: unknown }[] {
  return values.map((value, i) => ({ number: i + 1, value }));
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : typeof value;
}
