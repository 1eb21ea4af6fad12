// A few cases to look at for each column: what it does best, what it does worst, and where opinions differ most. Scores
// are often only 0 or 1, so many cases are equally good; then those come first that set the column apart (right where
// others are wrong, wrong where others are right), and among equals a seeded hash decides, so that the choice is not the
// first questions of the file and repeats. Cases of different pictures come before a second one of the same picture.
import type { Sample } from "../../spec/index.ts";
import { hash32 } from "../../util/rng.ts";

/** One column's answer to one question. Rows with an error are no cases. */
export interface CaseRow {
  id: string;
  text?: string | undefined;
  /** From 0 to 1. */
  score: number;
  error?: string | undefined;
}

export interface CaseColumn {
  name: string;
  rows: readonly CaseRow[];
  /** A second opinion of the same answers by question id, from 0 to 1: a judge's or people's. It alone says what is disputed. */
  secondScores?: ReadonlyMap<string, number> | undefined;
}

/** A case of the gallery. */
export interface GalleryCase {
  id: string;
  text: string;
  score: number;
  /** Mean score of the other columns; null when none has answered. */
  others: number | null;
  /** The second opinion, where there is one. */
  second?: number;
  /** How far apart: from the second opinion, else from the other columns. */
  disagreement: number;
}

export interface ColumnGallery {
  column: string;
  best: GalleryCase[];
  worst: GalleryCase[];
  disagreed: GalleryCase[];
}

export interface CaseGalleryOptions {
  /** Cases of each kind. @default 3 */
  k?: number;
  /** @default 0 */
  seed?: number;
}

/** Picks the cases of every column. A list may be shorter than k: nothing right is no best case. */
export function caseGallery(
  columns: readonly CaseColumn[],
  samples: readonly Pick<Sample, "id" | "group">[],
  { k = 3, seed = 0 }: CaseGalleryOptions = {},
): ColumnGallery[] {
  const groups = new Map(samples.map(({ id, group = id }) => [id, group]));
  const answered = columns.map(
    ({ rows }) =>
      new Map(
        rows.filter((row) => row.error === undefined && groups.has(row.id)).map((row) => [row.id, row]),
      ),
  );
  return columns.map(({ name, secondScores }, c) => {
    const cases = [...answered[c]!.values()].map(({ id, text = "", score }): GalleryCase => {
      const scores = answered.flatMap((rows, other) => {
        const row = other === c ? undefined : rows.get(id);
        return row ? [row.score] : [];
      });
      const others = scores.length === 0 ? null : scores.reduce((sum, one) => sum + one, 0) / scores.length;
      const second = secondScores?.get(id);
      const opinion = secondScores ? second : others;
      const disagreement = Math.abs(score - (opinion ?? score));
      return { id, text, score, others, ...(second === undefined ? {} : { second }), disagreement };
    });
    const margin = ({ score, others }: GalleryCase) => score - (others ?? score);
    const pick = (keep: (one: GalleryCase) => boolean, ...order: ((one: GalleryCase) => number)[]) =>
      firstOfGroups(rank(cases.filter(keep), order, seed), groups).slice(0, k);
    return {
      column: name,
      best: pick(
        ({ score }) => score > 0,
        ({ score }) => -score,
        (one) => -margin(one),
      ),
      worst: pick(
        ({ score }) => score < 1,
        ({ score }) => score,
        margin,
      ),
      disagreed: pick(
        ({ disagreement }) => disagreement > 0,
        ({ disagreement }) => -disagreement,
      ),
    };
  });
}

function rank(
  cases: GalleryCase[],
  order: readonly ((one: GalleryCase) => number)[],
  seed: number,
): GalleryCase[] {
  const keys = new Map(cases.map(({ id }) => [id, hash32("gallery", seed, id)]));
  const all = [...order, ({ id }: GalleryCase) => keys.get(id)!];
  return cases.sort((a, b) => {
    for (const of of all) {
      const difference = of(a) - of(b);
      if (difference !== 0) return difference;
    }
    return a.id < b.id ? -1 : 1;
  });
}

/** The first case of every group in order, then the others. */
function firstOfGroups(cases: readonly GalleryCase[], groups: ReadonlyMap<string, string>): GalleryCase[] {
  const seen = new Set<string>();
  const isFirst = ({ id }: GalleryCase) => {
    const group = groups.get(id)!;
    return !seen.has(group) && seen.add(group) !== undefined;
  };
  const first = new Set(cases.filter(isFirst));
  return [...first, ...cases.filter((one) => !first.has(one))];
}
