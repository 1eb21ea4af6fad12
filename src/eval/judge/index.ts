export type { Judgement, JudgeOptions } from "./ask-judge.ts";
export { type JudgementFigures, judgementFigures } from "./figures.ts";
export {
  judgePair,
  type PairFigures,
  type PairItem,
  type PairJudgement,
  pairFigures,
  type Verdict,
} from "./pair.ts";
export { type JudgePrompt, pairPrompt, referencePrompt, rubricPrompt } from "./prompts.ts";
export {
  judgeReference,
  type Ratings,
  type ReferenceFigures,
  type ReferenceItem,
  type ReferenceJudgement,
  referenceFigures,
} from "./reference.ts";
export { correctnessLevels, judgeRubric, type RubricItem, type RubricJudgement } from "./rubric.ts";
