// Why two runs differ: what their manifests say, then question by question, whose prompts were the same and which
// answers flipped.
import {
  findQuestions,
  readQuestionIds,
  readQuestions,
  type Store,
  type StoredQuestion,
  type StoredRun,
} from "../store/index.ts";
import { inGroups } from "../util/groups.ts";
import { type ColumnRows, firstRows } from "./column-rows.ts";
import { type Difference, manifestDifferences, parseManifest, type RunManifest } from "./manifest.ts";
import { storedColumn } from "./recorder.ts";
import type { Row } from "./row.ts";
import { mcnemarP } from "./statistics.ts";

/** A question that one run got right and the other did not. */
export interface Flip {
  id: string;
  question: string;
  a: string;
  b: string;
}

/** A column of run a against a column of run b, on the questions that both answered. */
export interface ColumnDiff {
  a: string;
  b: string;
  n: number;
  accuracyA: number | undefined;
  accuracyB: number | undefined;
  /** Questions whose model calls had the same prompts; undefined when a run did not keep them. */
  samePrompts: number | undefined;
  sameAnswers: number;
  /** Questions that are right in b only, and in a only. */
  gains: number;
  losses: number;
  /** The first 1,000 that are right in b only. */
  gained: Flip[];
  /** The first 1,000 that are right in a only. */
  lost: Flip[];
  /** Exact McNemar test on the flips. */
  p: number;
}

export interface RunDiff {
  manifest: Difference[];
  /** Questions by what happened to them between the runs. */
  questions: { onlyA: number; onlyB: number; changed: number; same: number };
  columns: ColumnDiff[];
}

/** Flips that are listed; all are counted. */
const listed = 1000;
/** Questions that are looked up together. */
const together = 500;

/** Compares two runs. Columns are paired by name; the first columns are paired when no name is in both. */
export async function diffRuns(store: Store, a: StoredRun, b: StoredRun): Promise<RunDiff> {
  const [first, second] = [parseManifest(a.manifest), parseManifest(b.manifest)];
  const questions = { onlyA: 0, onlyB: 0, changed: 0, same: 0 };
  for await (const group of inGroups(readQuestions(store, a.id), together)) {
    const ids = group.map(({ id }) => id);
    const hashes = new Map((await findQuestions(store, b.id, ids)).map(({ id, hash }) => [id, hash]));
    for (const { id, hash } of group) {
      if (!hashes.has(id)) questions.onlyA++;
      else if (hashes.get(id) === hash) questions.same++;
      else questions.changed++;
    }
  }
  for await (const _ of readQuestionIds(store, b.id)) questions.onlyB++;
  questions.onlyB -= questions.same + questions.changed;
  const shared = first.columns.filter(({ name }) => second.columns.some((column) => column.name === name));
  const pairs =
    shared.length > 0
      ? shared.map(({ name }) => [name, name] as const)
      : first.columns[0] && second.columns[0]
        ? [[first.columns[0].name, second.columns[0].name] as const]
        : [];
  const columns: ColumnDiff[] = [];
  for (const [nameA, nameB] of pairs) {
    const [before, after] = [columnOf(store, a.id, nameA, first), columnOf(store, b.id, nameB, second)];
    columns.push(
      await diffColumn(before, after, async (ids) => wordsOf(await findQuestions(store, a.id, ids))),
    );
  }
  return { manifest: manifestDifferences(first, second), questions, columns };
}

function columnOf(store: Store, run: string, name: string, { columns }: RunManifest): ColumnRows {
  return storedColumn(store, run, columns.find((column) => column.name === name)!);
}

function wordsOf(questions: readonly StoredQuestion[]): Map<string, string> {
  return new Map(questions.map(({ id, data }) => [id, (data as { question: string }).question]));
}

async function diffColumn(
  columnA: ColumnRows,
  columnB: ColumnRows,
  wordings: (ids: readonly string[]) => Promise<Map<string, string>>,
): Promise<ColumnDiff> {
  const [gained, lost]: [Flip[], Flip[]] = [[], []];
  let [n, sumA, sumB, sameAnswers, gains, losses] = [0, 0, 0, 0, 0, 0];
  let samePrompts: number | undefined = 0;
  for await (const group of inGroups(columnB.rows, together)) {
    const rowsA = await firstRows(
      columnA,
      group.map(({ id }) => id),
    );
    for (const after of group) {
      const before = after.repeat === 0 ? rowsA.get(after.id) : undefined;
      if (!before) continue;
      n++;
      sumA += before.score;
      sumB += after.score;
      if (before.text === after.text && before.error === after.error) sameAnswers++;
      if (!before.promptHashes || !after.promptHashes) {
        if (!before.error && !after.error) samePrompts = undefined;
      } else if (samePrompts !== undefined && `${before.promptHashes}` === `${after.promptHashes}`)
        samePrompts++;
      if ((before.score === 1) === (after.score === 1)) continue;
      const flip: Flip = { id: after.id, question: "", a: saidBy(before), b: saidBy(after) };
      const [list, count] = after.score === 1 ? [gained, ++gains] : [lost, ++losses];
      if (count <= listed) list.push(flip);
    }
  }
  const questions = await wordings([...gained, ...lost].map(({ id }) => id));
  for (const flip of [...gained, ...lost]) flip.question = questions.get(flip.id) ?? "";
  return {
    ...{ a: columnA.name, b: columnB.name, n, samePrompts, sameAnswers, gains, losses, gained, lost },
    p: mcnemarP(gains, losses),
    accuracyA: n > 0 ? sumA / n : undefined,
    accuracyB: n > 0 ? sumB / n : undefined,
  };
}

function saidBy({ text, error }: Row): string {
  return error === undefined ? (text ?? "") : `failed: ${error}`;
}
