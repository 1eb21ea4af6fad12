import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { askJudge, type Judgement, type JudgeOptions, lastLine, questionBlocks } from "./ask-judge.ts";
import { rubricPrompt } from "./prompts.ts";

/** Levels of the rubric that is used when none is given, from the worst. */
export const correctnessLevels = [
  "wrong, or no answer to the question",
  "mostly wrong, with something right in it",
  "partly right, with an important mistake or gap",
  "right, with a small mistake or gap",
  "right and complete",
] as const;

export interface RubricItem {
  sample: Sample;
  answer: string;
  /** Score of the same answer by rules, from 0 to 1. */
  ruleScore?: number;
}

/** A judgement by rubric; `score` is from 0 (lowest level) to 1 (highest). */
export interface RubricJudgement extends Judgement<number> {
  /** The level from 1 up; null when no answer could be read. */
  level: number | null;
}

/** Grades one answer by the levels of a rubric, from the worst to the best. */
export async function judgeRubric(
  { sample, answer, ruleScore }: RubricItem,
  { levels = correctnessLevels, ...options }: JudgeOptions & { levels?: readonly string[] },
): Promise<RubricJudgement> {
  if (levels.length < 2) {
    throw new InputError({
      where: "rubric",
      rule: "must have at least 2 levels",
      got: String(levels.length),
    });
  }
  const accepted = sample.answers ?? (sample.response === undefined ? [] : [sample.response]);
  const judgement = await askJudge(
    sample,
    [
      ...questionBlocks(sample),
      ...[...new Set(accepted)].map((text) => ({ name: "accepted answer", text })),
      { name: "answer to be graded", text: answer },
    ],
    { ...options, prompt: rubricPrompt(levels), parse: (text) => parseLevel(text, levels.length) },
  );
  const level = judgement.score;
  const score = level === null ? null : (level - 1) / (levels.length - 1);
  return { ...judgement, score, level, ...(ruleScore === undefined ? {} : { ruleScore }) };
}

/** Reads "Score: N" from the last line. */
export function parseLevel(text: string, levels: number): number | undefined {
  const level = Number(/^score:\s*(\d{1,3})\.?$/i.exec(lastLine(text))?.[1]);
  return level >= 1 && level <= levels ? level : undefined;
}
