// ScienceQA by LLaVA's extraction (haotian-liu/LLaVA, eval_science_qa.py): a bare letter A to E; else a letter before
// ". "; else exactly one "The answer is X" with any character after it; else no choice, which is wrong. Traps: the
// pattern's full stop is unescaped, so "The answer is B" at the very end finds nothing while "The answer is Bx" finds B;
// nothing is trimmed, so "B " is no bare letter; ScienceQA's own baseline falls back to a random choice instead.

const bareLetters = "ABCDE";

/** The letter that an answer names; undefined when it names none of the question's options. */
export function extractScienceQa(answer: string, optionCount: number): string | undefined {
  const letter = namedLetter(answer);
  const index = letter === undefined ? -1 : bareLetters.indexOf(letter);
  return index >= 0 && index < optionCount ? letter : undefined;
}

function namedLetter(answer: string): string | undefined {
  const first = answer.charAt(0);
  const isLetter = first !== "" && bareLetters.includes(first);
  if (isLetter && (answer.length === 1 || answer.slice(1, 3) === ". ")) return first;
  const named = [...answer.matchAll(/The answer is ([A-Z])[^\n]/g)];
  return named.length === 1 ? named[0]![1] : undefined;
}
