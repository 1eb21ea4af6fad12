// What the metrics of `sightline score` have in common: how a line of the file is read, how lines become item scores, and
// how those become a summary. Some metrics score line by line, captions and groups need all lines at once; so a metric
// judges the whole list.
import { z } from "zod";
import { type Interval, meanInterval } from "../statistics.ts";

const text = z
  .union([z.string(), z.number()], "must be text or a number")
  .transform((value) => String(value));
const list = z.array(text, "must be a list of texts").min(1);

/** A text field; a number is taken as its digits. */
export const textField = text;

/** The fields that every line has; `answer` may be written for a single one of `answers`. */
export const lineShape = {
  id: text,
  prediction: text,
  answers: z.union([list, text.transform((one) => [one])], "must be text or a list of texts"),
  /** Part of the set, such as a question type; the summary then has figures for each. */
  type: z.string().min(1).optional(),
};

/** A read line. */
export interface ScoreLine {
  id: string;
  prediction: string;
  type?: string;
}

/** The verdict on one line: its score, more fields for the output, and what only the summary needs. */
export interface Judgement<Detail> {
  score: number;
  fields?: Record<string, unknown>;
  detail: Detail;
}

/** A summary always has the score, its 95% interval (null where there is none), and the number of units scored. */
export interface Figures {
  score: number;
  interval: Interval | null;
  n: number;
  [more: string]: unknown;
}

/** What a metric is made of. */
export interface MetricDefinition<Line extends ScoreLine, Detail> {
  /** One sentence for the list of metrics, with the extra fields of a line. */
  description: string;
  schema: z.ZodType<Line>;
  /** Says what is wrong with a line that the schema allows. */
  check?(line: NoInfer<Line>): string | undefined;
  judge(lines: readonly NoInfer<Line>[]): Judgement<Detail>[];
  summarise(judgements: readonly Judgement<Detail>[], lines: readonly NoInfer<Line>[]): Figures;
}

/** A metric with its line type hidden, so that a table can hold all of them. */
export interface Metric {
  description: string;
  /** Reads one line. */
  read(value: unknown): z.ZodSafeParseResult<ScoreLine>;
  /** Says what is wrong with a line that was read. */
  check(line: ScoreLine): string | undefined;
  /** Scores lines that `read` has returned. */
  score(lines: readonly ScoreLine[]): { judgements: Judgement<unknown>[]; summary: Figures };
}

/** Hides the line type of a metric, and adds figures for each `type` of line when there are several. */
export function defineMetric<Line extends ScoreLine, Detail>(
  definition: MetricDefinition<Line, Detail>,
): Metric {
  const { description, schema, check, judge, summarise } = definition;
  return {
    description,
    read: (value) => schema.safeParse(value),
    check: (line) => check?.(line as Line),
    score(given) {
      const lines = given as readonly Line[];
      const judgements = judge(lines);
      const summary = summarise(judgements, lines);
      const places = Map.groupBy(lines.keys(), (i) => lines[i]!.type);
      if (places.size < 2 || places.has(undefined)) return { judgements, summary };
      const byType: Record<string, Figures> = {};
      for (const [type, at] of places) {
        byType[type!] = summarise(
          at.map((i) => judgements[i]!),
          at.map((i) => lines[i]!),
        );
      }
      return { judgements, summary: { ...summary, byType } };
    },
  };
}

/** The mean of scores from 0 to `scale`, with its interval. */
export function meanFigures(scores: readonly number[], scale = 1): Figures {
  const interval = meanInterval(scores.map((score) => score / scale));
  return {
    score: mean(scores),
    interval: interval ? [interval[0] * scale, interval[1] * scale] : null,
    n: scores.length,
  };
}

/** The mean; 0 without values. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}
