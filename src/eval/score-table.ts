// The scores of one column as flat arrays instead of objects, so that a summary over a million rows needs tens of
// megabytes. Rows are read once, in the order of the dataset.
import { Hash64Map, hash64 } from "../data/check/hash64.ts";
import { GrowingArray } from "../util/growing-array.ts";
import type { ScoredRow } from "./row.ts";

/** The scores of a question in one column: all repetitions together. */
export interface ScoreTable {
  /** Place of each question in the dataset, rising. */
  seq: Uint32Array;
  /** Mean score of each question over its repetitions. */
  score: Float64Array;
  /** Index into `types` of each question. */
  type: Uint32Array;
  types: string[];
  /** Number of the cluster of each question, below `clusters`; questions about one picture share it. */
  cluster: Uint32Array;
  clusters: number;
  failed: number;
  /** Message of the most frequent failure. */
  failure: string | undefined;
  latencies: Float64Array;
  /** Totals over the answered rows; undefined when a row does not say. */
  tokens: { input: number | undefined; output: number | undefined };
}

/** Distinct failure messages that are counted. */
const keptFailures = 1000;

/** Reads the rows of a column. */
export async function readScores(rows: Iterable<ScoredRow> | AsyncIterable<ScoredRow>): Promise<ScoreTable> {
  const [seq, type, cluster] = Array.from({ length: 3 }, () => new GrowingArray(new Uint32Array(0)));
  const [score, latencies] = Array.from({ length: 2 }, () => new GrowingArray(new Float64Array(0)));
  const types = new Map<string, number>();
  // A question alone with its picture is a cluster of its own, and its name need not be kept.
  const known = new Hash64Map();
  let clusters = 0;
  const failures = new Map<string, number>();
  const tokens: ScoreTable["tokens"] = { input: 0, output: 0 };
  const add = (sum: number | undefined, n: number | undefined) =>
    sum === undefined || n === undefined ? undefined : sum + n;
  let [failed, answered] = [0, 0];
  let current: { row: ScoredRow; sum: number; n: number } | undefined;
  const close = () => {
    if (!current) return;
    const { row, sum, n } = current;
    seq!.push(row.seq);
    score!.push(sum / n);
    if (!types.has(row.type)) types.set(row.type, types.size);
    type!.push(types.get(row.type)!);
    const found = row.group === row.id ? undefined : known.getOrSet(hash64(row.group), clusters);
    cluster!.push(found ?? clusters++);
  };
  for await (const row of rows) {
    if (row.error !== undefined) {
      failed++;
      if (failures.has(row.error) || failures.size < keptFailures)
        failures.set(row.error, (failures.get(row.error) ?? 0) + 1);
    } else {
      answered++;
      if (row.latencyMs !== undefined) latencies!.push(row.latencyMs);
      tokens.input = add(tokens.input, row.inputTokens);
      tokens.output = add(tokens.output, row.outputTokens);
    }
    if (current?.row.id === row.id) {
      current.sum += row.score;
      current.n++;
    } else {
      close();
      current = { row, sum: row.score, n: 1 };
    }
  }
  close();
  return {
    ...{ seq: seq!.values, score: score!.values, type: type!.values, types: [...types.keys()] },
    ...{ cluster: cluster!.values, clusters, failed, latencies: latencies!.values },
    failure: [...failures].sort((a, b) => b[1] - a[1])[0]?.[0],
    tokens: answered > 0 ? tokens : { input: undefined, output: undefined },
  };
}
