// Why two runs differ: what their manifests say, then question by question, whose prompts were the same and which
// answers flipped.
import { readQuestions, type Store, type StoredRun } from "../store/index.ts";
import { type Difference, manifestDifferences, parseManifest } from "./manifest.ts";
import { storedRows } from "./recorder.ts";
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
  /** Right in b only. */
  gained: Flip[];
  /** Right in a only. */
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

/** Compares two runs. Columns are paired by name; the first columns are paired when no name is in both. */
export async function diffRuns(store: Store, a: StoredRun, b: StoredRun): Promise<RunDiff> {
  const [first, second] = [parseManifest(a.manifest), parseManifest(b.manifest)];
  const wording = new Map<string, { hash: string; question: string }>();
  for await (const { id, hash, data } of readQuestions(store, a.id))
    wording.set(id, { hash, question: (data as { question: string }).question });
  const questions = { onlyA: wording.size, onlyB: 0, changed: 0, same: 0 };
  for await (const { id, hash } of readQuestions(store, b.id)) {
    const known = wording.get(id);
    if (!known) questions.onlyB++;
    else {
      questions.onlyA--;
      if (known.hash === hash) questions.same++;
      else questions.changed++;
    }
  }
  const shared = first.columns.filter(({ name }) => second.columns.some((column) => column.name === name));
  const pairs =
    shared.length > 0
      ? shared.map(({ name }) => [name, name] as const)
      : first.columns[0] && second.columns[0]
        ? [[first.columns[0].name, second.columns[0].name] as const]
        : [];
  const columns: ColumnDiff[] = [];
  for (const [nameA, nameB] of pairs) {
    const rowsA = new Map<string, Row>();
    for await (const row of storedRows(store, a.id, nameA)) if (row.repeat === 0) rowsA.set(row.id, row);
    columns.push(
      await diffColumn(
        [nameA, nameB],
        rowsA,
        storedRows(store, b.id, nameB),
        (id) => wording.get(id)?.question ?? "",
      ),
    );
  }
  return { manifest: manifestDifferences(first, second), questions, columns };
}

async function diffColumn(
  [a, b]: readonly [string, string],
  rowsA: ReadonlyMap<string, Row>,
  rowsB: AsyncIterable<Row>,
  questionOf: (id: string) => string,
): Promise<ColumnDiff> {
  const [gained, lost]: [Flip[], Flip[]] = [[], []];
  let [n, sumA, sumB, sameAnswers, gains, losses] = [0, 0, 0, 0, 0, 0];
  let samePrompts: number | undefined = 0;
  for await (const after of rowsB) {
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
    const flip: Flip = { id: after.id, question: questionOf(after.id), a: saidBy(before), b: saidBy(after) };
    if (after.score === 1) {
      gains++;
      if (gained.length < listed) gained.push(flip);
    } else {
      losses++;
      if (lost.length < listed) lost.push(flip);
    }
  }
  return {
    ...{ a, b, n, samePrompts, sameAnswers, gained, lost, p: mcnemarP(gains, losses) },
    accuracyA: n > 0 ? sumA / n : undefined,
    accuracyB: n > 0 ? sumB / n : undefined,
  };
}

function saidBy({ text, error }: Row): string {
  return error === undefined ? (text ?? "") : `failed: ${error}`;
}
