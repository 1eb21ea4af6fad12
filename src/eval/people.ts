// Ratings by people, held against the rules and the judges of the run whose answers they rated.
import { readJudgements, type Store } from "../store/index.ts";
import { type ColumnRows, firstRows } from "./column-rows.ts";
import { parseKind } from "./judge-run.ts";
import {
  type AgreementWithPeople,
  agreementWithPeople,
  type ImportedRatings,
  type OtherScore,
} from "./ratings/index.ts";

/** People's ratings with how far others agree with them. */
export interface PeopleFigures extends ImportedRatings {
  /** By the name of the rules or the judge. */
  agreementWith: Record<string, AgreementWithPeople>;
}

/** Finds how the rules, and every judge of the run, agree with the people. */
export async function heldAgainstPeople(
  imported: ImportedRatings,
  {
    store,
    run,
    columns,
    scorer,
  }: { store: Store; run: string; columns: readonly ColumnRows[]; scorer: string },
): Promise<PeopleFigures> {
  const scores = new Map<string, OtherScore[]>([[`rules (${scorer})`, []]]);
  const rules = [...scores.values()][0]!;
  const rated = [...new Set(imported.answers.map(({ item }) => item))];
  for (const column of columns) {
    const { name } = column;
    for (const [item, { score, error }] of await firstRows(column, rated))
      if (error === undefined) rules.push({ item, column: name, score });
    for (const { question, kind, score } of await readJudgements(store, run, { column: name })) {
      // A pair says which is better, not how good each is.
      if (score === null || parseKind(kind)?.mode === "pair") continue;
      const list = scores.get(kind) ?? [];
      scores.set(kind, list);
      list.push({ item: question, column: name, score });
    }
  }
  const agreementWith = Object.fromEntries(
    [...scores].map(([name, list]) => [name, agreementWithPeople(imported, list)]),
  );
  return { ...imported, agreementWith };
}
