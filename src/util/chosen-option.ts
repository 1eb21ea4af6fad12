import { normaliseAnswer } from "./normalise-answer.ts";

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
