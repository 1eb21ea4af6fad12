// Why HallusionBench answers are wrong: language hallucination (the model goes by what it knows, not by the picture) or
// visual illusion (it looks and sees wrongly), told apart by the answer to the same question with figure 0, the base:
// the original picture for visual-dependent questions (VD), no picture for visual-supplement ones (VS).
//   the base itself is wrong:      VS language (there was nothing to see), VD vision (knowledge agrees with the original)
//   unclear with another figure:   vision
//   another answer than the base:  vision, since the picture did change the answer
//   the same answer as the base:   language when the base was right, else mixed, as the two cannot be told apart
// A wrong answer whose base was not asked is mixed too. Trap: this follows the definitions of the paper; the official
// script words its cases otherwise and asks a judge whether two answers agree, so published shares may differ.
import { type HallusionItem, isHallusionCorrect } from "./hallusion-bench.ts";

/** Shares of the wrong answers; all 0 when none is wrong. */
export interface HallusionDiagnosis {
  languageHallucination: number;
  visualIllusion: number;
  mixed: number;
}

/** Diagnoses the wrong answers. */
export function hallusionDiagnosis(items: readonly HallusionItem[]): HallusionDiagnosis {
  const bases = new Map(
    items.filter(({ figureId }) => figureId === "0").map((item) => [questionKey(item), item]),
  );
  const wrong = items.filter((item) => !isHallusionCorrect(item));
  const causes = wrong.map((item) => causeOf(item, bases.get(questionKey(item))));
  const share = (cause: keyof HallusionDiagnosis) =>
    wrong.length === 0 ? 0 : causes.filter((c) => c === cause).length / wrong.length;
  return {
    languageHallucination: share("languageHallucination"),
    visualIllusion: share("visualIllusion"),
    mixed: share("mixed"),
  };
}

function causeOf(item: HallusionItem, base: HallusionItem | undefined): keyof HallusionDiagnosis {
  if (item.figureId === "0") return item.category === "VS" ? "languageHallucination" : "visualIllusion";
  if (item.label === 2) return "visualIllusion";
  if (!base) return "mixed";
  if (answerOf(item) !== answerOf(base)) return "visualIllusion";
  return isHallusionCorrect(base) ? "languageHallucination" : "mixed";
}

/** The answer that a label stands for. */
function answerOf({ label, expected }: HallusionItem): "yes" | "no" | "unclear" {
  if (label === 2) return "unclear";
  return (label === 1) === (expected === "yes") ? "yes" : "no";
}

function questionKey({ category, subcategory, setId, questionId }: HallusionItem): string {
  return JSON.stringify([category, subcategory, setId, questionId]);
}
