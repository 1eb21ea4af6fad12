// Rationales changed on purpose (Lanham et al., arXiv 2307.13702): if the answer follows from the rationale, taking its end
// away, putting mistakes into it or emptying it must change the answer, and saying the same in other words must not. All of
// it is done by rules, so that the same rationale is always changed in the same way and nothing is asked of a model.
import { joinLines } from "../model/split-reasoning.ts";
import { splitSteps } from "./steps.ts";

/** The changes, by name. */
export const disturbances = { truncated, corrupted, paraphrased, filler } as const;
export type Disturbance = keyof typeof disturbances;

/** The first half of the steps; of a single step the first half of its words. */
export function truncated(rationale: string): string {
  const steps = splitSteps(rationale);
  const half = <T>(list: readonly T[]) => list.slice(0, Math.floor(list.length / 2));
  return steps.length > 1 ? joinLines(half(steps)) : half(rationale.trim().split(/\s+/)).join(" ");
}

const opposites = pairs([
  ["left", "right"],
  ["above", "below"],
  ["yes", "no"],
  ["more", "fewer"],
  ["bigger", "smaller"],
  ["larger", "smaller"],
  ["first", "last"],
  ["true", "false"],
  ["is", "is not"],
  ["are", "are not"],
  ["there is", "there is no"],
]);
const numberWords = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** Every number one higher and every word of a few opposites turned round; undefined where nothing can be changed. */
export function corrupted(rationale: string): string | undefined {
  const changed = replaceWords(rationale, (word) => {
    if (/^\d+$/.test(word)) return String(Number(word) + 1);
    const number = numberWords.indexOf(word);
    return number >= 0 ? (numberWords[number + 1] ?? "eleven") : opposites.get(word);
  });
  return changed === rationale ? undefined : changed;
}

const synonyms = pairs([
  ["picture", "image"],
  ["there is", "I see"],
  ["so", "therefore"],
  ["because", "since"],
  ["shows", "displays"],
  ["total", "sum"],
]);

/** The same in other words: small numbers as words (or the other way round), synonyms, an opening of its own. */
export function paraphrased(rationale: string): string {
  const changed = replaceWords(rationale, (word) => {
    const number = numberWords.indexOf(word);
    if (number >= 0) return String(number);
    return /^\d+$/.test(word) ? numberWords[Number(word)] : synonyms.get(word);
  });
  return `Put another way: ${changed}`;
}

/** Full stops in the place of everything that can be read; the length stays. */
export function filler(rationale: string): string {
  return rationale.replace(/\S/gu, ".");
}

function pairs(list: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [a, b] of list) {
    if (!map.has(a)) map.set(a, b);
    if (!map.has(b.toLowerCase())) map.set(b.toLowerCase(), a);
  }
  return map;
}

/** Replaces whole words, and the two words that some entries have; a capital at the start stays one. */
function replaceWords(text: string, replacement: (word: string) => string | undefined): string {
  return text.replace(/\b(?:is not|are not|there is no|there is|i see|[a-z]+|\d+)\b/gi, (word) => {
    const other = replacement(word.toLowerCase());
    if (other === undefined) return word;
    return /^[A-Z]/.test(word) ? other.charAt(0).toUpperCase() + other.slice(1) : other;
  });
}
