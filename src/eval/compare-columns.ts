// The first column of a run against each other one, question by question: on all questions, and on those of each type, where a
// technique that gains on the whole may still lose.
import type { ScoreTable } from "./score-table.ts";
import { holm, permutationP, type Verdict, verdictOf } from "./significance/index.ts";
import { mcnemarP } from "./statistics.ts";

/** Two columns on the questions that both were asked. Right means a full score. */
export interface Paired extends Verdict {
  n: number;
  /** Questions that only `column` got right. */
  onlyColumn: number;
  /** Questions that only `against` got right. */
  onlyAgainst: number;
  /** Exact McNemar test. */
  p: number;
  /** Sign-flip permutation test over pictures; only where several questions share one. */
  clusteredP?: number;
  /** `clusteredP`, else `p`, corrected (Holm) for the number of pairs compared at once; the verdict goes by it. */
  adjustedP: number;
}

/** A column against the first one. */
export interface Comparison extends Paired {
  column: string;
  against: string;
  /** The same by question type, corrected for all columns and types; empty when there is one type only. */
  byType: Record<string, Paired>;
}

/** Compares every column with the first; `types` are those of all columns. */
export function compareColumns(
  names: readonly string[],
  tables: readonly ScoreTable[],
  types: readonly string[],
): Comparison[] {
  const [first, ...others] = tables;
  if (!first) return [];
  const whole = judge(others.map((table) => pair(table, first)));
  const kinds = types.length > 1 ? types : [];
  const parts = judge(others.flatMap((table) => kinds.map((type) => pair(table, first, type))));
  return whole.map((paired, i) => ({
    column: names[i + 1]!,
    against: names[0]!,
    ...paired,
    byType: Object.fromEntries(kinds.map((type, k) => [type, parts[i * kinds.length + k]!])),
  }));
}

type Counts = Omit<Paired, "adjustedP" | keyof Verdict>;

function judge(pairs: readonly Counts[]): Paired[] {
  const adjusted = holm(pairs.map(({ p, clusteredP }) => clusteredP ?? p));
  return pairs.map((counts, i) => ({
    ...counts,
    adjustedP: adjusted[i]!,
    ...verdictOf(counts, adjusted[i]!),
  }));
}

/** Two columns on the questions that both were asked, or on those of one type. */
function pair(one: ScoreTable, first: ScoreTable, only?: string): Counts {
  const kind = only === undefined ? undefined : first.types.indexOf(only);
  let [n, onlyColumn, onlyAgainst] = [0, 0, 0];
  const isClustered = first.clusters < first.score.length;
  /** By cluster. */
  const differences = new Float64Array(isClustered ? first.clusters : 0);
  for (let i = 0, j = 0; i < one.seq.length && j < first.seq.length; ) {
    if (one.seq[i]! < first.seq[j]!) i++;
    else if (one.seq[i]! > first.seq[j]!) j++;
    else {
      const [a, b] = [one.score[i]!, first.score[j]!];
      if (kind === undefined || first.type[j] === kind) {
        n++;
        if (a === 1 && b !== 1) onlyColumn++;
        if (a !== 1 && b === 1) onlyAgainst++;
        if (isClustered) differences[first.cluster[j]!]! += a - b;
      }
      i++;
      j++;
    }
  }
  const p = mcnemarP(onlyColumn, onlyAgainst);
  if (!isClustered) return { n, onlyColumn, onlyAgainst, p };
  const changed = Array.from(differences.filter((difference) => difference !== 0));
  return { n, onlyColumn, onlyAgainst, p, clusteredP: permutationP(changed, { seed: 0 }) };
}
