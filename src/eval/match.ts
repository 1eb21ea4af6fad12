// Exact match against the accepted answers, after normalisation. A multiple-choice answer counts by the option that it
// names: the option's text, or its letter as models write it ("B", "b.", "(B)", "B. dog").
import type { Scorer } from "../spec/index.ts";
import { normaliseAnswer } from "./normalise.ts";
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

/** Position of the option that an answer names; undefined when it names none, or two different ones. */
export function chosenOption(answer: string, choices: readonly string[]): number | undefined {
  const options = choices.map(normaliseAnswer);
  const byText = (text: string) => options.indexOf(normaliseAnswer(text));
  const whole = byText(answer);
  if (whole >= 0) return whole;
  const lettered = /^\s*\(?([A-Za-z])(?:\)|\.|:|\s*$)\s*\)?[.:]?\s*([\s\S]*)$/.exec(answer);
  if (!lettered) return undefined;
  const letter = lettered[1]!.toUpperCase().charCodeAt(0) - 65;
  const rest = lettered[2]!;
  if (letter >= choices.length) return undefined;
  return rest.trim() === "" || byText(rest) === letter ? letter : undefined;
}
