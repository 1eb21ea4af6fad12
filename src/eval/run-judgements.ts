// The judgements that a run holds, whoever made them: what a report shows of them. A judgement of an answer that the
// question does not have any more does not count.
import { readJudgements, type Store } from "../store/index.ts";
import type { ColumnRows } from "./column-rows.ts";
import {
  isOf,
  type Judged,
  type JudgeFigures,
  type JudgeKind,
  judgeFiguresOf,
  parseKind,
} from "./judge-run.ts";
import type { Row } from "./row.ts";

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
  const texts = new Map<string, Promise<Map<string, string | undefined>>>();
  const textsOf = (name: string) => {
    const column = columns.find((one) => one.name === name);
    const reading = texts.get(name) ?? (column ? firstTexts(column.rows) : Promise.resolve(new Map()));
    texts.set(name, reading);
    return reading;
  };
  const found = new Map<string, RunJudgements>();
  for (const { name } of columns) {
    const judgements = await readJudgements(store, run, { column: name });
    for (const [text, list] of Map.groupBy(judgements, ({ kind }) => kind)) {
      const kind = parseKind(text);
      if (!kind) continue;
      const answers = await textsOf(name);
      const others = kind.against === undefined ? undefined : await textsOf(kind.against);
      const judged = list.flatMap(({ question, data }) => {
        const other = others && { text: others.get(question) };
        return isOf(data as Judged, { text: answers.get(question) }, other) ? [data as Judged] : [];
      });
      if (judged.length === 0) continue;
      const one = found.get(text) ?? { ...kind, columns: {} };
      found.set(text, one);
      one.columns[name] = judgeFiguresOf(kind.mode, judged, kind.against ?? "");
    }
  }
  return [...found.values()];
}

/** The first answer to each question. */
async function firstTexts(
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<Map<string, string | undefined>> {
  const texts = new Map<string, string | undefined>();
  for await (const { id, repeat, text } of rows) if (repeat === 0) texts.set(id, text);
  return texts;
}
