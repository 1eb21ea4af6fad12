import type { Comparison } from "./compare-columns.ts";
import type { Summary, Tally } from "./summary.ts";

/** The object that `compare --json` prints. Unknown numbers are null. */
export interface CompareJson {
  dataset: string;
  columns: {
    name: string;
    model: string | null;
    technique: string;
    n: number;
    accuracy: number | null;
    interval: [number, number] | null;
    clusteredInterval?: [number, number];
    byType: Record<
      string,
      {
        n: number;
        accuracy: number | null;
        interval: [number, number] | null;
        clusteredInterval?: [number, number];
      }
    >;
    failed: number;
    tokens: { input: number | null; output: number | null };
    latencyMs: { median: number | null; p95: number | null };
  }[];
  comparisons: Comparison[];
}

/** Builds the object that `compare --json` prints. */
export function toJsonOutput({ dataset, columns, comparisons }: Summary): CompareJson {
  return {
    dataset,
    columns: columns.map(({ name, model, technique, failed, tokens, latencyMs, byType, ...tally }) => ({
      name,
      model,
      technique,
      ...jsonTally(tally),
      byType: Object.fromEntries(Object.entries(byType).map(([type, value]) => [type, jsonTally(value)])),
      failed,
      tokens: { input: tokens.input ?? null, output: tokens.output ?? null },
      latencyMs: { median: latencyMs.median ?? null, p95: latencyMs.p95 ?? null },
    })),
    comparisons,
  };
}

function jsonTally({ n, accuracy, interval, clusteredInterval }: Tally) {
  return {
    ...{ n, accuracy: accuracy ?? null, interval: interval ?? null },
    ...(clusteredInterval ? { clusteredInterval } : {}),
  };
}
