// Finds the answer in what a model wrote. Only three things count as one: the last line when it is marked with "Answer:",
// a last line that says "the answer is …" (or boxes it), and a whole reply that is nothing but an answer. Whatever else
// stands in a reply is a step, however much it looks like an answer.
import type { Query } from "../spec/index.ts";
import { chosenOption } from "../util/chosen-option.ts";
import { digits, normaliseAnswer } from "../util/normalise-answer.ts";

/** A reply taken apart. */
export interface Reading {
  /** What stands before the answer, or everything when there is none. */
  rationale: string;
  answer?: string;
}

const marked = /^[\s#>*_-]*(?:final\s+)?answer[*_]*\s*[:：][\s*_]*(.*)$/i;
const boxed = /\\boxed\{([^{}]*)\}[^\w{}]*$/;
const concluded =
  /^(.*(?:^|[.!?,;]\s+|\b(?:so|thus|therefore|hence)\s+))?the\s+(?:final\s+|correct\s+|best\s+)?answer\s+is:?\s+(.+)$/i;

/** Reads a reply that was to end in a marked answer line. */
export function readAnswer(text: string, query: Query): Reading {
  const lines = text.trim().split("\n");
  const at = lines.findLastIndex((line) => marked.test(line));
  const rationale = (end: number, rest = "") => [...lines.slice(0, end), rest].join("\n").trim();
  if (at >= 0) {
    const answer = [marked.exec(lines[at]!)![1]!, ...lines.slice(at + 1)].map((line) => line.trim());
    const said = answer.filter((line) => line !== "" && !/^`+$/.test(line));
    // A closed answer is one line; words after it mean that the marked line was a step on the way.
    if (said.length === 1 || (said.length > 1 && !isClosed(query)))
      return { rationale: rationale(at), answer: tidy(said.join("\n"), query) };
  }
  const last = lines.length - 1;
  const box = boxed.exec(lines[last]!);
  if (box) return { rationale: text.trim(), answer: tidy(box[1]!, query) };
  const conclusion = concluded.exec(lines[last]!);
  if (conclusion) return { rationale: rationale(last, conclusion[1]), answer: tidy(conclusion[2]!, query) };
  return { rationale: text.trim() };
}

/** Reads a reply that was to be nothing but the answer. */
export function readBareAnswer(text: string, query: Query): Reading {
  const reading = readAnswer(text, query);
  if (reading.answer !== undefined) return reading;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 1 || (lines.length > 1 && !isClosed(query)))
    return { rationale: "", answer: tidy(text, query) };
  return reading;
}

/** True when the answer is one of a few words and not a text. */
export function isClosed({ choices, answerType }: Query): boolean {
  return (choices?.length ?? 0) > 0 || /^(yes-no|number|short|choice)$/.test(answerType ?? "");
}

/** False for an answer that cannot be right: none of the choices, or neither yes nor no. */
export function isAllowed(answer: string, query: Query): boolean {
  if (query.choices && query.choices.length > 0) return chosenOption(answer, query.choices) !== undefined;
  return query.answerType !== "yes-no" || /^(yes|no)$/.test(normaliseAnswer(answer));
}

/** True when a text without any mark can only be an answer: an option, yes or no, or a number. */
export function isBareAnswer(text: string, query: Query): boolean {
  if (!/\S/.test(text) || !isClosed(query) || query.answerType === "short") return false;
  return query.answerType === "number" ? isNumber(text) : isAllowed(text, query);
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(digits(normaliseAnswer(text)));
}

/** An answer without its decoration. Of a yes-no answer that goes on ("Yes, there is one") the first word. */
function tidy(answer: string, { answerType, choices }: Query): string {
  const bare = answer
    .trim()
    .replace(/^the\s+(?:final\s+|correct\s+|best\s+)?answer\s+is:?\s+/i, "")
    .replace(/^\\boxed\{([^{}]*)\}\.?$/, "$1")
    .replace(/^[*_`$]+|[*_`$]+\.?$/g, "")
    .trim();
  const word = answerType === "yes-no" && !choices?.length ? /^(yes|no)\b/i.exec(bare) : null;
  return word ? word[0] : bare;
}
