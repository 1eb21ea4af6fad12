// VQA accuracy (VQAv1/v2, OK-VQA, TextVQA, VizWiz): GT-Vision-Lab/VQA, vqaEval.py. Ten people answered each question.
// Each of them is left out in turn, and the prediction scores min(1, matches among the others / 3); the question's score
// is the mean. Traps: min(1, matches / 3) over all ten is a different number (0.333 for one match, where this gives 0.3);
// people are left out one by one, not answer by answer; and when all people wrote the same string nothing is normalised,
// so that "Yes" is wrong where all ten wrote "yes".
import { normaliseVqa, trimVqa } from "./vqa-normalise.ts";

/** The score of one question, from 0 to 1. Below four matching people it stays under 1; one answer alone scores 0. */
export function vqaAccuracy(prediction: string, answers: readonly string[]): number {
  const compared = vqaComparison(prediction, answers);
  return agreement(compared.prediction, compared.answers);
}

/** Mean over the people of min(1, matches among the others / 3), for strings that are compared as they are. */
export function agreement(given: string, people: readonly string[]): number {
  const matches = people.filter((answer) => answer === given).length;
  const asMatch = Math.min(1, (matches - 1) / 3);
  const asOther = Math.min(1, matches / 3);
  return (matches * asMatch + (people.length - matches) * asOther) / people.length;
}

/** The strings that are compared: normalised unless all people wrote the same. */
export function vqaComparison(prediction: string, answers: readonly string[]) {
  const trimmed = answers.map(trimVqa);
  const isUnanimous = new Set(trimmed).size === 1;
  const form = isUnanimous ? trimVqa : normaliseVqa;
  return { prediction: form(prediction), answers: trimmed.map(form) };
}
