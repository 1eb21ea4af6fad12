import type { Samples } from "../data/formats/index.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";
import { references } from "./references.ts";

/** Name of the control that needs no model. */
export const majorityName = "majority";

/**
 * The most frequent reference answer of each question type: what a guesser scores who never sees a picture and knows
 * the dataset's answers. Ties go to the answer that comes first in the alphabet.
 */
export async function majorityAnswers(samples: Samples): Promise<Map<string | undefined, string>> {
  const counts = new Map<string | undefined, Map<string, { answer: string; count: number }>>();
  for await (const sample of samples) {
    const answer = references(sample)[0]!;
    const ofType = counts.get(sample.type) ?? new Map<string, { answer: string; count: number }>();
    counts.set(sample.type, ofType);
    const key = normaliseAnswer(answer);
    const entry = ofType.get(key) ?? { answer, count: 0 };
    entry.count++;
    ofType.set(key, entry);
  }
  const best = new Map<string | undefined, string>();
  for (const [type, ofType] of counts) {
    const [first] = [...ofType].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
    best.set(type, first![1].answer);
  }
  return best;
}
