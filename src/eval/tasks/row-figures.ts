// What the figures of several tasks share.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import type { YesNoFigures } from "../metrics/yes-no.ts";
import { references } from "../references.ts";
import type { Figure, TaskRow } from "./task.ts";

/** The mean score of some rows as a figure; undefined without rows, since a share of nothing says nothing. */
export function meanFigure(name: string, rows: readonly TaskRow[], type?: string): Figure | undefined {
  if (rows.length === 0) return undefined;
  const value = rows.reduce((sum, { score }) => sum + score, 0) / rows.length;
  return { name, value, ...(type === undefined ? {} : { type }) };
}

/** The mean score of every group of rows, in order of first appearance; rows without a key are in none. */
export function meanFigures(
  name: string,
  rows: readonly TaskRow[],
  keyOf: (sample: Sample) => string | undefined,
): Figure[] {
  return [...Map.groupBy(rows, ({ sample }) => keyOf(sample))].flatMap(([type, members]) =>
    type === undefined ? [] : [meanFigure(name, members, type)!],
  );
}

/** Figures of yes/no answers, F1 first. */
export function yesNoList(figures: YesNoFigures, type?: string): Figure[] {
  const { f1, accuracy, precision, recall, yesRatio } = figures;
  const named = { F1: f1, accuracy, precision, recall, "yes ratio": yesRatio };
  return Object.entries(named).map(([name, value]) => ({
    name,
    value,
    ...(type === undefined ? {} : { type }),
  }));
}

/** The truth of a yes/no question. */
export function expectedYesNo(sample: Sample): "yes" | "no" {
  const answer = references(sample)[0]!.trim().toLowerCase();
  if (answer === "yes" || answer === "no") return answer;
  throw new InputError({
    where: `sample "${sample.id}"`,
    rule: "must have the answer yes or no",
    got: `"${answer}"`,
  });
}

/** A text that the reader of the benchmark keeps in `extra`. */
export function extraText(sample: Sample, field: string): string {
  const value = sample.extra?.[field];
  if (typeof value === "string" || typeof value === "number") return String(value);
  const where = `sample "${sample.id}", extra.${field}`;
  throw new InputError({ where, rule: "must be there", hint: "Open the benchmark from its official files." });
}
