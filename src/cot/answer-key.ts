import type { Query } from "../spec/index.ts";
import { chosenOption } from "../util/chosen-option.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";

/** What two answers have in common when they say the same: the option that they name, else their normal form. */
export function answerKey(answer: string, { choices }: Query): string {
  const option = choices && choices.length > 0 ? chosenOption(answer, choices) : undefined;
  return option === undefined ? normaliseAnswer(answer) : `option ${option + 1}`;
}
