// Ratings come back as one file for each rater. Here they are checked against the key of the page, put together, and
// given back to the columns that wrote the answers.
import { z } from "zod";
import { issueText } from "../../data/schema/index.ts";
import { InputError } from "../../errors/index.ts";
import { krippendorffAlpha } from "../agreement/index.ts";
import { type Interval, meanInterval } from "../statistics.ts";
import type { RatingKey } from "./rating-key.ts";

/** An exported file, as text. */
export interface RatingFile {
  /** For messages. */
  name: string;
  text: string;
}

/** What people think of one column's answer to one item. */
export interface RatedAnswer {
  item: string;
  column: string;
  /** Mean rating, from 1 up. */
  mean: number;
  /** The mean as a fraction: 0 is the lowest rating, 1 the highest. */
  score: number;
  /** By rater. */
  ratings: { rater: string; rating: number }[];
}

export interface RatedColumn {
  column: string;
  /** Rated answers. */
  n: number;
  /** Mean of the answers' scores, from 0 to 1. */
  score: number;
  interval: Interval | null;
}

export interface ImportedRatings {
  page: string;
  scale: string[];
  raters: { rater: string; rated: number }[];
  answers: RatedAnswer[];
  columns: RatedColumn[];
  agreement: {
    /** Krippendorff's alpha of the raters, ratings as ordered categories; null with nothing to compare. */
    alpha: number | null;
    /** Different answers that at least two people rated. */
    ratedTwice: number;
  };
}

const fileSchema = z.object({
  version: z.literal(1),
  page: z.string(),
  rater: z.string().trim().min(1),
  ratings: z.array(z.object({ item: z.string(), answer: z.string(), rating: z.int() })),
});

/** Reads the files of all raters of a page. */
export function importRatings(files: readonly RatingFile[], key: RatingKey): ImportedRatings {
  if (files.length === 0)
    throw new InputError({ where: "ratings", rule: "must be at least one file", got: "none" });
  const columnsOf = new Map<string, string[]>();
  for (const { item, answers } of key.items) {
    for (const { answer, columns } of answers) columnsOf.set(place(item, answer), columns);
  }
  const byAnswer = new Map<string, { rater: string; rating: number }[]>();
  const fileOf = new Map<string, string>();
  const raters: ImportedRatings["raters"] = [];
  for (const file of files) {
    const { rater, ratings } = readFile(file, { key, columnsOf });
    const earlier = fileOf.get(rater);
    if (earlier !== undefined) {
      throw new InputError({
        where: file.name,
        rule: `must be by another rater than "${earlier}"`,
        got: JSON.stringify(rater),
        hint: "Leave out the older file of the same person.",
      });
    }
    fileOf.set(rater, file.name);
    raters.push({ rater, rated: ratings.length });
    for (const { item, answer, rating } of ratings) {
      const at = place(item, answer);
      byAnswer.set(at, [...(byAnswer.get(at) ?? []), { rater, rating }]);
    }
  }
  const answers = key.items.flatMap(({ item, answers: rated }) =>
    rated.flatMap(({ answer, columns }) => {
      const ratings = byAnswer.get(place(item, answer));
      if (!ratings) return [];
      const mean = ratings.reduce((sum, { rating }) => sum + rating, 0) / ratings.length;
      const score = (mean - 1) / (key.scale.length - 1);
      return columns.map((column): RatedAnswer => ({ item, column, mean, score, ratings }));
    }),
  );
  const things = [...byAnswer.values()].map((ratings) => ratings.map(({ rating }) => rating));
  return {
    page: key.page,
    scale: key.scale,
    raters,
    answers,
    columns: columnFigures(answers),
    agreement: {
      alpha: krippendorffAlpha(things, "ordinal") ?? null,
      ratedTwice: things.filter(({ length }) => length > 1).length,
    },
  };
}

function place(item: string, answer: string): string {
  return JSON.stringify([item, answer]);
}

interface Known {
  key: RatingKey;
  columnsOf: ReadonlyMap<string, readonly string[]>;
}

function readFile({ name, text }: RatingFile, { key, columnsOf }: Known): z.infer<typeof fileSchema> {
  const refuse = (rule: string, more: { got?: string; hint?: string; cause?: unknown } = {}) =>
    new InputError({ where: name, rule, ...more });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse("must be JSON as the rating page exports it", { cause });
  }
  const result = fileSchema.safeParse(value);
  if (!result.success) throw refuse(issueText(result.error));
  const { page, ratings } = result.data;
  if (page !== key.page) {
    const hint = "A page that was made anew has another key.";
    throw refuse(`must be ratings of the page ${key.page}`, { got: page, hint });
  }
  const seen = new Set<string>();
  for (const [i, { item, answer, rating }] of ratings.entries()) {
    const at = place(item, answer);
    const where = `ratings[${i}]`;
    if (!columnsOf.has(at)) {
      throw refuse(`${where} must be of an item and answer of the page`, { got: at });
    }
    if (seen.has(at)) throw refuse(`${where} must not rate the same answer again`, { got: at });
    seen.add(at);
    if (rating < 1 || rating > key.scale.length) {
      throw refuse(`${where}.rating must be from 1 to ${key.scale.length}`, { got: String(rating) });
    }
  }
  return result.data;
}

function columnFigures(answers: readonly RatedAnswer[]): RatedColumn[] {
  return [...Map.groupBy(answers, ({ column }) => column)].map(([column, rated]) => {
    const scores = rated.map(({ score }) => score);
    const score = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    return { column, n: scores.length, score, interval: meanInterval(scores) ?? null };
  });
}
