// The rows of a column, and the two ways to read less than all of each: only what is counted, or only some questions.
import type { Samples } from "../data/formats/index.ts";
import type { Sample } from "../spec/index.ts";
import { inGroups } from "../util/groups.ts";
import type { Column } from "./column.ts";
import type { Row, ScoredRow } from "./row.ts";

/** A column and its rows, in the order of the dataset. They can be read more than once. */
export interface ColumnRows extends Pick<Column, "name" | "model" | "technique"> {
  rows: Iterable<Row> | AsyncIterable<Row>;
  /** The rows without what was said, where that is faster to read. */
  scores?: AsyncIterable<ScoredRow>;
  /** The rows of these questions, where they are found without reading all. */
  find?(ids: readonly string[]): Promise<Row[]>;
}

/** The first answers of a column to these questions, by question; of several repetitions the first counts. */
export async function firstRows(
  { rows, find }: Pick<ColumnRows, "rows" | "find">,
  ids: readonly string[],
): Promise<Map<string, Row>> {
  const wanted = new Set(ids);
  const found = new Map<string, Row>();
  for await (const row of find ? await find(ids) : rows)
    if (row.repeat === 0 && wanted.has(row.id)) found.set(row.id, row);
  return found;
}

/** Samples whose answers are looked up together. */
const lookedUp = 500;

/** Samples with the first answer of each column, in the order of the Samples. */
export async function* withAnswers(
  samples: Samples,
  columns: readonly Pick<ColumnRows, "rows" | "find">[],
): AsyncGenerator<{ sample: Sample; rows: (Row | undefined)[] }, void, undefined> {
  for await (const group of inGroups(samples, lookedUp)) {
    const ids = group.map(({ id }) => id);
    const found: Map<string, Row>[] = [];
    for (const column of columns) found.push(await firstRows(column, ids));
    for (const sample of group) yield { sample, rows: found.map((rows) => rows.get(sample.id)) };
  }
}
