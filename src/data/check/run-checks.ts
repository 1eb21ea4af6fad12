// Runs passes over files. A pass reads all rows once; passes are apart because they cost so differently: structure reads
// 50,000 rows a second, pictures must be opened.
import { type Finding, type FindingCount, Findings } from "./finding.ts";
import { type ReadRowsOptions, readRows } from "./read-rows.ts";
import type { Check } from "./row-view.ts";

export interface CheckPass {
  name: string;
  checks: readonly Check[];
}

export interface RunChecksOptions extends Omit<ReadRowsOptions, "report" | "onBytes"> {
  /** Findings kept of each check; all are counted. @default 100 */
  maxFindings?: number;
  onPass?: (name: string) => void;
  /** Told now and then how many bytes of this pass are done. */
  onProgress?: (bytes: number) => void;
}

export interface PassResult {
  name: string;
  rows: number;
  seconds: number;
}

export interface CheckResult {
  rows: number;
  /** Rows that could not be used: no JSON, or not of the format. */
  rejected: number;
  errors: number;
  counts: FindingCount[];
  findings: readonly Finding[];
  passes: PassResult[];
}

/** Runs passes of checks over files. */
export async function runChecks(
  files: readonly string[],
  passes: readonly CheckPass[],
  { maxFindings, onPass, onProgress, ...reading }: RunChecksOptions = {},
): Promise<CheckResult> {
  const findings = new Findings(maxFindings);
  const report = (finding: Finding) => findings.add(finding);
  const results: PassResult[] = [];
  let rejected = 0;
  for (const [index, { name, checks }] of passes.entries()) {
    onPass?.(name);
    const started = performance.now();
    let rows = 0;
    let bytes = 0;
    // Rows that cannot be used are told once, by the first pass.
    const told = index === 0 ? { report } : {};
    const onBytes = (more: number) => {
      bytes += more;
      onProgress?.(bytes);
    };
    for await (const batch of readRows(files, { ...reading, ...told, onBytes })) {
      rows += batch.seen;
      if (index === 0) rejected += batch.seen;
      for (const row of batch.rows) {
        if (index === 0) rejected--;
        for (const check of checks) {
          const waiting = check.row(row, report);
          if (waiting) {
            await waiting;
            reading.signal?.throwIfAborted();
          }
        }
      }
    }
    for (const check of checks) await check.end?.(report);
    results.push({ name, rows, seconds: (performance.now() - started) / 1000 });
  }
  return {
    rows: results[0]?.rows ?? 0,
    rejected,
    errors: findings.errors,
    counts: findings.counts,
    findings: findings.kept,
    passes: results,
  };
}
