// Which of two answers is better. Judges favour places, so every pair is asked in both orders; when the orders disagree
// nobody has won, and the pair counts as one where the place decided.
import type { Sample } from "../../spec/index.ts";
import { wilsonInterval } from "../statistics.ts";
import { askJudge, type Judgement, type JudgeOptions, lastLine, questionBlocks } from "./ask-judge.ts";
import { assertComparable } from "./figures.ts";
import { pairPrompt } from "./prompts.ts";

/** The better place, or neither. */
export type Verdict = 1 | 2 | "tie";

export interface PairItem {
  sample: Sample;
  answers: readonly [string, string];
  /** Scores of both by rules, from 0 to 1. */
  ruleScores?: readonly [number, number];
}

export interface PairJudgement {
  /** Position of the better answer in `answers`; null when an order could not be read. */
  winner: 0 | 1 | "tie" | null;
  /** True when the two orders disagree. */
  isOrderDependent: boolean;
  /** As given, then swapped. The scores name places as shown. */
  orders: [Judgement<Verdict>, Judgement<Verdict>];
  /** What the rules say, where there are rule scores. */
  ruleWinner?: 0 | 1 | "tie";
}

/** Compares two answers in both orders. */
export async function judgePair(
  { sample, answers, ruleScores }: PairItem,
  options: JudgeOptions,
): Promise<PairJudgement> {
  const ask = (first: string, second: string) =>
    askJudge(
      sample,
      [...questionBlocks(sample), { name: "answer 1", text: first }, { name: "answer 2", text: second }],
      { ...options, prompt: pairPrompt, parse: parseVerdict },
    );
  const [a, b] = answers;
  const orders: PairJudgement["orders"] = [await ask(a, b), await ask(b, a)];
  const [given, swapped] = [winnerOf(orders[0].score, false), winnerOf(orders[1].score, true)];
  const isRead = given !== null && swapped !== null;
  const rule =
    ruleScores && (ruleScores[0] === ruleScores[1] ? "tie" : ruleScores[0] > ruleScores[1] ? 0 : 1);
  return {
    winner: isRead ? (given === swapped ? given : "tie") : null,
    isOrderDependent: isRead && given !== swapped,
    orders,
    ...(rule === undefined ? {} : { ruleWinner: rule }),
  };
}

function winnerOf(verdict: Verdict | null, isSwapped: boolean): 0 | 1 | "tie" | null {
  if (verdict === null || verdict === "tie") return verdict;
  return (verdict === 1) === isSwapped ? 1 : 0;
}

/** Reads "Winner: 1", "Winner: 2" or "Winner: tie" from the last line. */
export function parseVerdict(text: string): Verdict | undefined {
  const word = /^winner:\s*(1|2|tie)\.?$/i.exec(lastLine(text))?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  return word === "tie" ? "tie" : word === "1" ? 1 : 2;
}

/** Figures over pairs of the same two columns. */
export interface PairFigures {
  n: number;
  wins: [number, number];
  ties: number;
  /** Pairs without a verdict; they are in no other figure. */
  failed: number;
  /** Pairs of the ties in which the place decided. */
  orderDependent: number;
  /** Share of wins of the first among pairs with a winner, with its interval. */
  winRate: number | null;
  interval: [number, number] | null;
  /** Pairs with a rule-based winner, and those of them in which the judge says otherwise. */
  ruleCompared: number;
  ruleDisagreements: number;
}

/** Counts pairs. */
export function pairFigures(judgements: readonly PairJudgement[]): PairFigures {
  assertComparable(judgements.flatMap(({ orders }) => orders));
  const read = judgements.filter(({ winner }) => winner !== null);
  const count = (winner: PairJudgement["winner"]) => read.filter((one) => one.winner === winner).length;
  const wins: [number, number] = [count(0), count(1)];
  const decided = wins[0] + wins[1];
  const compared = read.filter(({ ruleWinner }) => ruleWinner !== undefined);
  return {
    n: judgements.length,
    wins,
    ties: count("tie"),
    failed: judgements.length - read.length,
    orderDependent: read.filter(({ isOrderDependent }) => isOrderDependent).length,
    winRate: decided === 0 ? null : wins[0] / decided,
    interval: wilsonInterval(wins[0], decided) ?? null,
    ruleCompared: compared.length,
    ruleDisagreements: compared.filter(({ winner, ruleWinner }) => winner !== ruleWinner).length,
  };
}
