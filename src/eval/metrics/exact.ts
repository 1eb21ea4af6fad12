// Exact match after our own normalisation (normalise.ts): case, outer quotes, a final full stop, articles and number
// words do not count. Traps: it is not VQA's normalisation, which has its own quirks and lives in vqa-normalise.ts; and
// a share of exact matches is comparable only between runs that used the same normalisation.
import { normaliseAnswer } from "../../util/normalise-answer.ts";

/** True when the prediction is one of the accepted answers. */
export function isExactMatch(prediction: string, answers: readonly string[]): boolean {
  const answer = normaliseAnswer(prediction);
  return answers.some((accepted) => normaliseAnswer(accepted) === answer);
}
