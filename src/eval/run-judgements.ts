// The judgements that a run holds, whoever made them: what a report shows of them. A judgement of an answer that the
// question does not have any more does not count.
import { readJudgements, type Store } from "../store/index.ts";
import { type ColumnRows, firstRows } from "./column-rows.ts";
import {
  isOf,
  type Judged,
  type JudgeFigures,
  type JudgeKind,
  judgeFiguresOf,
  parseKind,
} from "./judge-run.ts";

/** What one judge made of the columns of a run, with one prompt. */
export interface RunJudgements extends JudgeKind {
  columns: Record<string, JudgeFigures>;
}

/** Sums up all judgements of a run. */
export async function runJudgements(
  store: Store,
  run: string,
  columns: readonly ColumnRows[],
): Promise<RunJudgements[]> {
  const found = new Map<string, RunJudgements>();
  for (const column of columns) {
    const { name } = column;
    const judgements = await readJudgements(store, run, { column: name });
    for (const [text, list] of Map.groupBy(judgements, ({ kind }) => kind)) {
      const kind = parseKind(text);
      if (!kind) continue;
      const ids = list.map(({ question }) => question);
      const answers = await firstRows(column, ids);
      const against = columns.find((one) => one.name === kind.against);
      const others =
        kind.against === undefined ? undefined : against ? await firstRows(against, ids) : new Map();
      const judged = list.flatMap(({ question, data }) => {
        const other = others && { text: others.get(question)?.text };
        return isOf(data as Judged, { text: answers.get(question)?.text }, other) ? [data as Judged] : [];
      });
      if (judged.length === 0) continue;
      const one = found.get(text) ?? { ...kind, columns: {} };
      found.set(text, one);
      one.columns[name] = judgeFiguresOf(kind.mode, judged, kind.against ?? "");
    }
  }
  return [...found.values()];
}
