// Everything that the table, the JSON and the report say about a run, computed once.
import type { ColumnRows } from "./column-rows.ts";
import { type Comparison, compareColumns } from "./compare-columns.ts";
import { costOf, type Prices } from "./prices.ts";
import { readScores, type ScoreTable } from "./score-table.ts";
import { clusteredErrorOfSums } from "./significance/index.ts";
import { type Interval, meanInterval, normalInterval, quantiles } from "./statistics.ts";

/** Questions, their mean score and its interval. */
export interface Tally {
  n: number;
  /** Mean score, failed questions counted as 0; undefined without questions. */
  accuracy: number | undefined;
  /** As if every question had a picture of its own. */
  interval: Interval | undefined;
  /** From errors clustered by picture; only where several questions share one. */
  clusteredInterval?: Interval;
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

export interface Summary {
  dataset: string;
  /** Questions in the dataset as it was asked. */
  n: number;
  /** How often each was asked. */
  repeats: number;
  columns: ColumnSummary[];
  comparisons: Comparison[];
  /** True when some scores are fractions. */
  graded: boolean;
  aborted: boolean;
}

/** Summarises a run; every column's rows are read once. */
export async function summarise(
  { columns, aborted }: { columns: readonly ColumnRows[]; aborted: boolean },
  { dataset, n, repeats = 1, prices = {} }: { dataset: string; n: number; repeats?: number; prices?: Prices },
): Promise<Summary> {
  const tables: ScoreTable[] = [];
  for (const { rows, scores = rows } of columns) tables.push(await readScores(scores));
  const types = [...new Set(tables.flatMap((table) => table.types))].sort();
  return {
    dataset,
    n,
    repeats,
    columns: columns.map((column, i) => summariseColumn(column, tables[i]!, { types, prices })),
    comparisons: compareColumns(
      columns.map(({ name }) => name),
      tables,
      types,
    ),
    graded: tables.some(({ score }) => score.some((value) => value !== 0 && value !== 1)),
    aborted,
  };
}

function summariseColumn(
  { name, model, technique }: ColumnRows,
  table: ScoreTable,
  { types, prices }: { types: string[]; prices: Prices },
): ColumnSummary {
  const isCall = model !== null;
  const [median, p95] = quantiles(table.latencies, [0.5, 0.95]);
  const tokens = {
    input: isCall ? table.tokens.input : undefined,
    output: isCall ? table.tokens.output : undefined,
  };
  return {
    ...{ name, model, technique },
    ...tally(table),
    byType: Object.fromEntries(types.map((type) => [type, tally(table, table.types.indexOf(type))])),
    failed: table.failed,
    failure: table.failure,
    tokens,
    latencyMs: { median, p95 },
    cost: costOf(prices, model, tokens),
  };
}

/** The tally of all questions, or of those of one type. */
function tally({ score, type, cluster, clusters }: ScoreTable, only?: number): Tally {
  const isClustered = clusters < score.length;
  const [sums, counts] = isClustered ? [new Float64Array(clusters), new Uint32Array(clusters)] : [];
  const isOf = (i: number) => only === undefined || type[i] === only;
  let n = 0;
  for (let i = 0; i < score.length; i++) if (isOf(i)) n++;
  const scores = only === undefined ? score : new Float64Array(n);
  let [at, sum] = [0, 0];
  for (let i = 0; i < score.length; i++) {
    if (!isOf(i)) continue;
    scores[at++] = score[i]!;
    sum += score[i]!;
    if (!sums || !counts) continue;
    sums[cluster[i]!]! += score[i]!;
    counts[cluster[i]!]!++;
  }
  if (n === 0) return { n, accuracy: undefined, interval: undefined };
  const accuracy = sum / n;
  const isShared = counts?.some((count) => count > 1);
  const error = isShared ? clusteredErrorOfSums({ sums: sums!, counts: counts! }) : undefined;
  return {
    ...{ n, accuracy, interval: meanInterval(scores) },
    ...(error === undefined ? {} : { clusteredInterval: normalInterval(accuracy, error) }),
  };
}
