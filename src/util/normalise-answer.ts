const numberWords = [
  ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"],
  ...["twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"],
];

/**
 * The form in which answers are compared: lower case, one space between words, no quotes around it, no final full
 * stop, no articles, and number words to twenty as digits. An answer that is nothing but an article keeps it.
 */
export function normaliseAnswer(answer: string): string {
  const text = answer
    .normalize("NFKC")
    .toLowerCase()
    .trim()
    .replace(/^["'“‘`]+|["'”’`]+$/g, "")
    .replace(/\.+\s*$/, "")
    .replace(/^["'“‘`]+|["'”’`]+$/g, "");
  const words = text.split(/\s+/).filter((word) => word !== "");
  const kept = words.filter((word) => !/^(a|an|the)$/.test(word));
  return (kept.length > 0 ? kept : words).map(digits).join(" ");
}

/** A number word as digits; every other word as it is. */
export function digits(word: string): string {
  const number = numberWords.indexOf(word);
  return number < 0 ? word : String(number);
}
