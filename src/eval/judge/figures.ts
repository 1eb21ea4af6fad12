import { InputError } from "../../errors/index.ts";
import { cohenKappa } from "../agreement/index.ts";
import { type Interval, meanInterval } from "../statistics.ts";
import type { Judgement } from "./ask-judge.ts";

/** Figures over judgements with a score from 0 to 1. */
export interface JudgementFigures {
  n: number;
  /** Judgements that could not be read, also after asking again; they are in no mean. */
  failed: number;
  /** Judgements that could be read only after asking again. */
  retried: number;
  /** Mean of the scores; null when there is none. */
  mean: number | null;
  interval: Interval | null;
  /** Judgements of answers that rules have scored too. */
  ruleCompared: number;
  /** Those of them in which one says right and the other wrong; right is a score of at least one half. */
  ruleDisagreements: number;
  /** Cohen's kappa of right and wrong between judge and rules. */
  ruleKappa: number | null;
}

/** Sums judgements up, those of one judge and one prompt. */
export function judgementFigures(judgements: readonly Judgement<number>[]): JudgementFigures {
  assertComparable(judgements);
  const read = judgements.filter(({ score }) => score !== null);
  const scores = read.map(({ score }) => score!);
  const pairs = read.flatMap(({ score, ruleScore }): [number, number][] =>
    ruleScore === undefined ? [] : [[Number(score! >= 0.5), Number(ruleScore >= 0.5)]],
  );
  return {
    n: judgements.length,
    failed: judgements.length - read.length,
    retried: read.filter(({ parseFailures }) => parseFailures > 0).length,
    mean: scores.length === 0 ? null : scores.reduce((a, b) => a + b, 0) / scores.length,
    interval: meanInterval(scores) ?? null,
    ruleCompared: pairs.length,
    ruleDisagreements: pairs.filter(([judge, rule]) => judge !== rule).length,
    ruleKappa: cohenKappa(pairs) ?? null,
  };
}

/** Throws unless all judgements were made by the same judge with the same prompt. */
export function assertComparable(judgements: readonly Judgement<unknown>[]): void {
  const makers = new Set(
    judgements.map(
      ({ judge, prompt }) => `${judge} with ${prompt.name} ${prompt.version} (${prompt.hash.slice(0, 15)})`,
    ),
  );
  if (makers.size < 2) return;
  throw new InputError({
    where: "judge",
    rule: "scores of different judges or judge prompts must not be averaged",
    got: [...makers].join(" and "),
  });
}
