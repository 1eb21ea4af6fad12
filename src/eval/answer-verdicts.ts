// What judges said of single answers, in words: for the answers of a report and its cases.
import { readJudgements, type Store } from "../store/index.ts";
import { type ColumnRows, firstRows } from "./column-rows.ts";
import {
  correctnessLevels,
  type PairJudgement,
  type ReferenceJudgement,
  type RubricJudgement,
} from "./judge/index.ts";
import { isOf, type Judged, type JudgeKind, judgeModes, parseKind } from "./judge-run.ts";
import type { Row } from "./row.ts";

/** A judge's verdict on one answer. */
export interface AnswerVerdict {
  /** How it judged and who it is, such as `rubric, openai:gpt-5-mini`. */
  judge: string;
  /** Such as `4 of 5: right, with a small mistake or gap`. */
  verdict: string;
  /** From 0 to 1, where the answer was judged by itself; null when the judge could not be read. */
  score?: number | null;
  /** What the judge wrote. */
  text: string;
}

/** Finds the verdicts on the answers of a column. */
export type FindVerdicts = (
  column: ColumnRows,
  rows: ReadonlyMap<string, Row>,
) => Promise<Map<string, AnswerVerdict[]>>;

/** Makes the function that finds verdicts in the store; those of an answer that the question had before do not count. */
export function storedVerdicts(store: Store, run: string, columns: readonly ColumnRows[]): FindVerdicts {
  return async ({ name }, rows) => {
    const judgements = await readJudgements(store, run, { column: name, ids: [...rows.keys()] });
    const found = new Map<string, AnswerVerdict[]>();
    const kinds = [...Map.groupBy(judgements, ({ kind }) => kind)].flatMap(([text, list]) => {
      const kind = parseKind(text);
      return kind ? [{ kind, list }] : [];
    });
    kinds.sort((a, b) => judgeModes.indexOf(a.kind.mode) - judgeModes.indexOf(b.kind.mode));
    for (const { kind, list } of kinds) {
      const against = columns.find((column) => column.name === kind.against);
      const ids = list.map(({ question }) => question);
      const others = against && (await firstRows(against, ids));
      for (const { question, score, data } of list) {
        const judged = data as Judged;
        if (!isOf(judged, rows.get(question) ?? {}, others?.get(question))) continue;
        const verdicts = found.get(question) ?? [];
        found.set(question, verdicts);
        verdicts.push(inWords(kind, judged, score));
      }
    }
    return found;
  };
}

function inWords(kind: JudgeKind, { judgement }: Judged, score: number | null): AnswerVerdict {
  const judge = `${kind.mode}, ${kind.judge}`;
  if (kind.mode === "pair") {
    const { orders } = judgement as PairJudgement;
    const text = orders.map((order, i) => `${i === 0 ? "As given" : "Swapped"}: ${order.text}`).join("\n\n");
    return { judge, verdict: pairVerdict(judgement as PairJudgement, kind.against ?? ""), text };
  }
  const { text } = judgement as RubricJudgement | ReferenceJudgement;
  return { judge, verdict: ownVerdict(kind, judgement as RubricJudgement | ReferenceJudgement), score, text };
}

function ownVerdict({ mode }: JudgeKind, judgement: RubricJudgement | ReferenceJudgement): string {
  if (judgement.score === null) return "could not be read";
  if (mode === "reference") {
    const { answer, reference } = (judgement as ReferenceJudgement).score!;
    return `${answer} of 10, the reference ${reference}`;
  }
  const { level } = judgement as RubricJudgement;
  return `${level} of ${correctnessLevels.length}: ${correctnessLevels[level! - 1]}`;
}

function pairVerdict({ winner, isOrderDependent }: PairJudgement, against: string): string {
  if (winner === null) return "could not be read";
  if (isOrderDependent) return `the place decided, no winner against ${against}`;
  if (winner === "tie") return `as good as ${against}`;
  return winner === 0 ? `better than ${against}` : `worse than ${against}`;
}
