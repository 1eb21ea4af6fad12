// Multiple choice by the extraction ladder of VLMEvalKit (open-compass/VLMEvalKit, matching_util.py), without its last
// step, a language model: what stays unclear is Z, no choice. Steps: 1. a refusal is Z; 2. exactly one option letter
// stands as a word, in upper case, among the last four words; 3. "answer is X"; 4. exactly one option's text is in the
// answer, which is at most twice as long as all options together.
// Traps: step 3 looks at letters in any case with nothing after them, so "the answer is a dog" picks A and "the answer is
// because" picks B; it knows only A to D; and the article "A" that starts a short answer is read as a choice ("A dog").

/** What an answer chooses: an option's letter, or Z for none. */
export interface Choice {
  letter: string;
  /** The step of the ladder that decided. */
  by: "refusal" | "letter" | "phrase" | "text" | "none";
}

const refusals = [
  "Sorry, I can't help with images of people yet.",
  "I can't process this file.",
  "I'm sorry, but without the image provided",
  "Cannot determine the answer",
];

/** Finds the option that an answer chooses. Options have the letters A, B, C, … in order. */
export function extractChoice(answer: string, options: readonly string[]): Choice {
  if (refusals.some((refusal) => answer.includes(refusal))) return { letter: "Z", by: "refusal" };
  const letters = options.map((_, index) => optionLetter(index));
  const words = answer
    .replace(/[.()[\],:;!*#{}]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  const named = letters.filter((letter) => words.includes(letter));
  if (named.length === 1 && words.indexOf(named[0]!) > words.length - 5)
    return { letter: named[0]!, by: "letter" };
  if (named.length === 0 && words.includes("Z")) return { letter: "Z", by: "letter" };
  const phrase = /answer\s+is\s+\**([ABCD])\**/i.exec(answer)?.[1]?.toUpperCase();
  if (phrase && letters.includes(phrase)) return { letter: phrase, by: "phrase" };
  const contained = optionContainedIn(answer, options);
  return contained === undefined ? { letter: "Z", by: "none" } : { letter: letters[contained]!, by: "text" };
}

/** The letter of the option at a position: A for 0. */
export function optionLetter(index: number): string {
  return String.fromCharCode(65 + index);
}

function optionContainedIn(answer: string, options: readonly string[]): number | undefined {
  const text = answer.toLowerCase();
  const total = options.reduce((sum, option) => sum + [...option].length, 0);
  if ([...text].length > 2 * total) return undefined;
  const found = options.flatMap((option, index) => (text.includes(option.toLowerCase()) ? [index] : []));
  return found.length === 1 ? found[0] : undefined;
}
