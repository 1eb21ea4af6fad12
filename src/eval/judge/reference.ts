// LLaVA-Bench's scoring (haotian-liu/LLaVA): the judge rates a reference answer and the model's answer from 1 to 10, and
// the score is the mean of the model's ratings over the mean of the references' (a ratio of means, not a mean of ratios).
// Unlike there, the judge sees the picture, and pairs that could not be read stay out of the means; the official summary
// averages their -1 in.
import type { Sample } from "../../spec/index.ts";
import { references } from "../references.ts";
import { askJudge, type Judgement, type JudgeOptions, questionBlocks } from "./ask-judge.ts";
import { assertComparable } from "./figures.ts";
import { referencePrompt } from "./prompts.ts";

export interface ReferenceItem {
  sample: Sample;
  answer: string;
  /** @default the sample's first accepted answer */
  reference?: string;
  /** Score of the same answer by rules, from 0 to 1. */
  ruleScore?: number;
}

/** Both ratings, from 1 to 10. */
export interface Ratings {
  reference: number;
  answer: number;
}

export interface ReferenceJudgement extends Judgement<Ratings> {
  /** True when the answer stood before the reference. */
  isSwapped: boolean;
}

/** Has an answer and the reference rated; `swap` shows the answer first, to see whether the place matters. */
export async function judgeReference(
  { sample, answer, reference = references(sample)[0]!, ruleScore }: ReferenceItem,
  { swap = false, ...options }: JudgeOptions & { swap?: boolean },
): Promise<ReferenceJudgement> {
  const [first, second] = swap ? [answer, reference] : [reference, answer];
  const judgement = await askJudge(
    sample,
    [...questionBlocks(sample), { name: "answer 1", text: first }, { name: "answer 2", text: second }],
    {
      ...options,
      prompt: referencePrompt,
      parse(text): Ratings | undefined {
        const pair = parseRatings(text);
        if (!pair) return undefined;
        return swap ? { answer: pair[0], reference: pair[1] } : { reference: pair[0], answer: pair[1] };
      },
    },
  );
  return { ...judgement, isSwapped: swap, ...(ruleScore === undefined ? {} : { ruleScore }) };
}

/** Ratings above it count as right when they are compared with rules. */
const middle = 5.5;

/** Reads the first line: commas count as spaces, and there must be exactly two numbers from 1 to 10. */
export function parseRatings(text: string): [number, number] | undefined {
  const fields = text.trim().split("\n")[0]!.replaceAll(",", " ").trim().split(/\s+/);
  if (fields.length !== 2 || !fields.every((field) => /^\d+(\.\d+)?$/.test(field))) return undefined;
  const [first, second] = fields.map(Number) as [number, number];
  return [first, second].every((rating) => rating >= 1 && rating <= 10) ? [first, second] : undefined;
}

/** Figures of LLaVA-Bench. */
export interface ReferenceFigures {
  n: number;
  failed: number;
  /** Mean of the answers' ratings over mean of the references', as a fraction; null without a rating. */
  score: number | null;
  meanReference: number | null;
  meanAnswer: number | null;
  /** Rated answers that rules have scored too, and those of them in which one says right and the other wrong. */
  ruleCompared: number;
  ruleDisagreements: number;
}

/** Computes the ratio of means. */
export function referenceFigures(judgements: readonly ReferenceJudgement[]): ReferenceFigures {
  assertComparable(judgements);
  const ratings = judgements.flatMap(({ score }) => (score ? [score] : []));
  const mean = (of: (one: Ratings) => number) =>
    ratings.length === 0 ? null : ratings.reduce((sum, one) => sum + of(one), 0) / ratings.length;
  const compared = judgements.flatMap(({ score, ruleScore }): [number, number][] =>
    score && ruleScore !== undefined ? [[score.answer, ruleScore]] : [],
  );
  const meanReference = mean(({ reference }) => reference);
  const meanAnswer = mean(({ answer }) => answer);
  return {
    n: judgements.length,
    failed: judgements.length - ratings.length,
    score: meanReference === null ? null : meanAnswer! / meanReference,
    meanReference,
    meanAnswer,
    ruleCompared: compared.length,
    ruleDisagreements: compared.filter(([rating, rule]) => rating > middle !== rule >= 0.5).length,
  };
}
