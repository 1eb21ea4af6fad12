// Numeric match: the number that a free answer gives against the expected one, for counting and measuring questions. Our
// own rule, as no benchmark owns one. The number after "answer is" counts, or else the one after the last "="; without
// either the answer must hold a single number, since the right one among several may be there by luck. Thousands commas,
// currency and per cent signs, units and number words to twenty are understood. Traps: "50%" is 50; "1,5" is no number;
// digits within words ("B2") are none either; "2-3" is two numbers.
import { digits } from "../../util/normalise-answer.ts";

const numberPattern =
  /(?<![\p{L}\p{N}_.,])[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?!\p{N}|[.,]\d)/giu;

/** True when the prediction gives one of the expected numbers; `tolerance` is a share of the expected number. */
export function isNumericMatch(prediction: string, answers: readonly string[], tolerance = 0): boolean {
  const given = numberIn(prediction);
  if (given === undefined) return false;
  return answers.some((answer) => {
    const expected = numberIn(answer);
    return expected !== undefined && Math.abs(given - expected) <= tolerance * Math.abs(expected);
  });
}

/** The number that an answer gives; undefined when it gives none, or several different ones. */
export function numberIn(answer: string): number | undefined {
  const marked = /\banswer(?:\s+is|:)([\s\S]*)/i.exec(answer) ?? /=([^=]*)$/.exec(answer);
  if (marked) return numbersIn(marked[1]!)[0];
  const values = new Set(numbersIn(answer));
  return values.size === 1 ? [...values][0] : undefined;
}

function numbersIn(text: string): number[] {
  const spelled = text.replace(/[$€£¥]/g, " ").replace(/\p{L}+/gu, (word) => digits(word.toLowerCase()));
  return [...spelled.matchAll(numberPattern)].map(([match]) => Number(match.replaceAll(",", "")));
}
