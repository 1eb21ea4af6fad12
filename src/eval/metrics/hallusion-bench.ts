// HallusionBench (tianyi-lab/HallusionBench, utils.py). A judge labels each answer 1 correct, 0 incorrect or 2 unclear.
// Correct is 1; for a visual-supplement question (VS) asked without its figure, 2 is correct too, as "cannot tell" is the
// right answer there. aAcc is over questions, fAcc over figures with every question right, qAcc over questions that are
// right with every figure. Traps: fAcc leaves out VS figure 0 (there is none), qAcc keeps it; sets are numbered within a
// subcategory, so keys need category and subcategory; the two lines of the official table that say "easy aAcc" and "hard
// aAcc" need every answer to a question right, with the pictures that are not edited (easy) or that are (hard); the
// official code divides by zero where every answer is right.
import { onlyYesNo } from "./yes-no.ts";

/** One labelled answer, with the benchmark's own keys. */
export interface HallusionItem {
  category: "VD" | "VS";
  subcategory: string;
  setId: string;
  figureId: string;
  questionId: string;
  /** 0 no picture, 1 the original, 2 an edited one (hard). */
  visualInput: 0 | 1 | 2;
  label: 0 | 1 | 2;
  expected: "yes" | "no";
}

/** All as fractions; `yesBias` may be negative. */
export interface HallusionFigures {
  aAcc: number;
  qAcc: number;
  fAcc: number;
  easyAcc: number;
  hardAcc: number;
  /** P(answered yes) - P(yes is right), where a wrong answer is taken as the opposite of the truth. */
  yesBias: number;
  /** Share of the wrong answers whose truth is no. */
  falsePositiveRatio: number;
}

/** True when a label counts as correct. */
export function isHallusionCorrect({ category, figureId, label }: HallusionItem): boolean {
  return label === 1 || (label === 2 && category === "VS" && figureId === "0");
}

/** The benchmark's accuracies and its two bias numbers. */
export function hallusionFigures(items: readonly HallusionItem[]): HallusionFigures {
  const share = (list: readonly HallusionItem[], is: (item: HallusionItem) => boolean) =>
    list.length === 0 ? 0 : list.filter(is).length / list.length;
  const shareOfGroups = (list: readonly HallusionItem[], key: (item: HallusionItem) => string) => {
    const groups = [
      ...Map.groupBy(list, (item) => `${item.category}_${item.subcategory}_${key(item)}`).values(),
    ];
    return groups.length === 0 ? 0 : groups.filter((g) => g.every(isHallusionCorrect)).length / groups.length;
  };
  const question = (item: HallusionItem) => `${item.setId}_${item.questionId}`;
  const easy = items.filter((item) => item.visualInput !== 2);
  const hard = items.filter((item) => item.visualInput === 2);
  const isYes = (item: HallusionItem) => item.expected === "yes";
  const withFigure = items.filter((item) => item.category === "VD" || item.figureId !== "0");
  const wrong = items.filter((item) => !isHallusionCorrect(item));
  return {
    aAcc: share(items, isHallusionCorrect),
    qAcc: shareOfGroups(items, question),
    fAcc: shareOfGroups(withFigure, (item) => `${item.setId}_${item.figureId}`),
    easyAcc: shareOfGroups(easy, question),
    hardAcc: shareOfGroups(hard, question),
    yesBias: share(items, (item) => isHallusionCorrect(item) === isYes(item)) - share(items, isYes),
    falsePositiveRatio: share(wrong, (item) => !isYes(item)),
  };
}

/** Label of an answer without a judge: its only word of yes and no against the truth, unclear without exactly one. */
export function labelYesNo(answer: string, expected: "yes" | "no"): 0 | 1 | 2 {
  const given = onlyYesNo(answer);
  if (given === "other") return 2;
  return given === expected ? 1 : 0;
}
