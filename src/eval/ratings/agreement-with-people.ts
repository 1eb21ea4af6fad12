import { type Agreement, cohenKappa, percentAgreement } from "../agreement/index.ts";
import type { ImportedRatings } from "./import-ratings.ts";

/** A score that a judge or rules gave to a column's answer, from 0 to 1. */
export interface OtherScore {
  item: string;
  column: string;
  score: number;
}

/** How far scores agree with people, over the answers that both have scored. */
export interface AgreementWithPeople {
  n: number;
  /** Right or wrong, right being at least one half of the scale. */
  binary: Agreement & { kappa: number | undefined };
  /** Kappa over the ratings of the scale, with squared weights; scores and means go to the nearest rating. */
  weightedKappa: number | undefined;
}

/** Compares people's ratings with the scores of a judge or of rules. */
export function agreementWithPeople(
  { answers, scale }: ImportedRatings,
  scores: readonly OtherScore[],
): AgreementWithPeople {
  const others = new Map(scores.map(({ item, column, score }) => [JSON.stringify([item, column]), score]));
  const pairs = answers.flatMap(({ item, column, score }): [people: number, other: number][] => {
    const other = others.get(JSON.stringify([item, column]));
    return other === undefined ? [] : [[score, other]];
  });
  const mapped = (to: (score: number) => number) =>
    pairs.map(([people, other]): [number, number] => [to(people), to(other)]);
  const binary = mapped((score) => Number(score >= 0.5));
  const rated = mapped((score) => Math.round(score * (scale.length - 1)) + 1);
  const categories = scale.map((_, i) => i + 1);
  return {
    n: pairs.length,
    binary: { ...percentAgreement(binary), kappa: cohenKappa(binary) },
    weightedKappa: cohenKappa(rated, { weights: "quadratic", categories }),
  };
}
