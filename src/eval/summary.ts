// Everything that the table, the JSON and the report say about a run, computed once.
import type { Sample } from "../spec/index.ts";
import { costOf, type Prices } from "./prices.ts";
import type { ColumnRun, CompareRun, Row } from "./run-compare.ts";
import { holm, type Verdict, verdictOf } from "./significance/index.ts";
import { type Interval, mcnemarP, meanInterval, quantile } from "./statistics.ts";

/** Questions, their mean score and its interval. */
export interface Tally {
  n: number;
  /** Mean score, failed questions counted as 0; undefined without questions. */
  accuracy: number | undefined;
  interval: Interval | undefined;
}

export interface ColumnSummary extends Tally {
  name: string;
  model: string | null;
  technique: string;
  byType: Record<string, Tally>;
  failed: number;
  /** Message of the most frequent failure. */
  failure: string | undefined;
  /** Totals; undefined when a call did not say. */
  tokens: { input: number | undefined; output: number | undefined };
  latencyMs: { median: number | undefined; p95: number | undefined };
  cost: number | undefined;
}

/** A column against the first one, on the questions that both were asked. Right means a full score. */
export interface Comparison extends Verdict {
  column: string;
  against: string;
  n: number;
  /** Questions that only `column` got right. */
  onlyColumn: number;
  /** Questions that only `against` got right. */
  onlyAgainst: number;
  p: number;
  /** `p` corrected (Holm) for the number of columns that are compared; the verdict goes by it. */
  adjustedP: number;
}

export interface Summary {
  dataset: string;
  /** Questions in the dataset as it was asked, in the order of the run. */
  n: number;
  columns: ColumnSummary[];
  comparisons: Comparison[];
  /** True when some scores are fractions. */
  graded: boolean;
  aborted: boolean;
}

/** Name of the type of questions that have none. */
export const untyped = "other";

/** Summarises a run. */
export function summarise(
  run: CompareRun,
  { dataset, samples, prices = {} }: { dataset: string; samples: readonly Sample[]; prices?: Prices },
): Summary {
  const typeOf = new Map(samples.map((sample) => [sample.id, sample.type ?? untyped]));
  const [first, ...others] = run.columns;
  return {
    dataset,
    n: samples.length,
    columns: run.columns.map((column) => summariseColumn(column, typeOf, prices)),
    comparisons: first ? compareColumns(others, first) : [],
    graded: run.columns.some(({ rows }) => rows.some(({ score }) => score !== 0 && score !== 1)),
    aborted: run.aborted,
  };
}

function summariseColumn(column: ColumnRun, typeOf: Map<string, string>, prices: Prices): ColumnSummary {
  const { name, model, technique, rows } = column;
  const types = [...new Set(typeOf.values())].sort();
  const byType = types.map(
    (type) => [type, tally(rows.filter(({ id }) => typeOf.get(id) === type))] as const,
  );
  const answered = rows.filter(({ error }) => error === undefined);
  const latencies = answered.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  const tokens = {
    input: model === null ? undefined : total(answered.map(({ inputTokens }) => inputTokens)),
    output: model === null ? undefined : total(answered.map(({ outputTokens }) => outputTokens)),
  };
  return {
    name,
    model,
    technique,
    ...tally(rows),
    byType: Object.fromEntries(byType),
    failed: rows.length - answered.length,
    failure: mostFrequent(rows.flatMap(({ error }) => (error === undefined ? [] : [error]))),
    tokens,
    latencyMs: { median: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    cost: costOf(prices, model, tokens),
  };
}

function tally(rows: readonly Row[]): Tally {
  const scores = rows.map(({ score }) => score);
  const n = scores.length;
  const sum = scores.reduce((a, b) => a + b, 0);
  return { n, accuracy: n === 0 ? undefined : sum / n, interval: meanInterval(scores) };
}

function compareColumns(columns: readonly ColumnRun[], first: ColumnRun): Comparison[] {
  const right = new Map(first.rows.map(({ id, score }) => [id, score === 1]));
  const counts = columns.map(({ name, rows }) => {
    const pairs = rows.filter(({ id }) => right.has(id));
    const onlyColumn = pairs.filter(({ id, score }) => score === 1 && !right.get(id)).length;
    const onlyAgainst = pairs.filter(({ id, score }) => score !== 1 && right.get(id)).length;
    const p = mcnemarP(onlyColumn, onlyAgainst);
    return { column: name, against: first.name, n: pairs.length, onlyColumn, onlyAgainst, p };
  });
  const adjusted = holm(counts.map(({ p }) => p));
  return counts.map((comparison, i) => ({
    ...comparison,
    adjustedP: adjusted[i]!,
    ...verdictOf(comparison, adjusted[i]!),
  }));
}

function total(counts: (number | undefined)[]): number | undefined {
  if (counts.length === 0) return undefined;
  return counts.reduce((sum, n) => (sum === undefined || n === undefined ? undefined : sum + n), 0);
}

function mostFrequent(texts: string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
