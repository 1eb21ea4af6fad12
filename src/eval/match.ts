// Exact match against the accepted answers, after normalisation. A multiple-choice answer counts by the option that it
// names: the option's text, or its letter as models write it ("B", "b.", "(B)", "B. dog").
import type { Scorer } from "../spec/index.ts";
import { chosenOption } from "../util/chosen-option.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";
import { references } from "./references.ts";

/** Makes the scorer that gives 1 for an accepted answer and 0 for any other. */
export function match(): Scorer {
  return {
    name: "match",
    score(prediction, sample) {
      const accepted = references(sample);
      if (!sample.choices) {
        const answer = normaliseAnswer(prediction);
        return { score: accepted.some((r) => normaliseAnswer(r) === answer) ? 1 : 0, answer };
      }
      const chosen = chosenOption(prediction, sample.choices);
      if (chosen === undefined) {
        return { score: 0, answer: normaliseAnswer(prediction), reason: "names no single option" };
      }
      const right = accepted.some((r) => chosenOption(r, sample.choices!) === chosen);
      return { score: right ? 1 : 0, answer: sample.choices[chosen]! };
    },
  };
}
