// Counts and shapes of a text, as the constraints of format-compliance.ts need them.

/** Runs of letters, digits and underscores. */
export function wordCount(text: string): number {
  return text.match(/[\p{L}\p{M}\p{N}_]+/gu)?.length ?? 0;
}

/** Sentences by the Unicode rules (UAX 29), those without a letter or digit left out. */
export function sentenceCount(text: string): number {
  const segments = new Intl.Segmenter("en", { granularity: "sentence" }).segment(text);
  return [...segments].filter(({ segment }) => /[\p{L}\p{N}]/u.test(segment)).length;
}

/** A line of a list: "- …", "* …" or "• …", but not "**bold**" or "---". */
export function isBulletLine(line: string): boolean {
  return /^\s*(?:\*(?!\*)|-(?!-)|•)\s*\S/.test(line);
}

/** True when at least nine of ten letters belong to a Unicode script. Throws for a name that is no script. */
export function hasScript(text: string, script: string): boolean {
  const pattern = new RegExp(`\\p{Script=${script}}`, "gu");
  const letters = text.match(/\p{L}/gu)?.join("") ?? "";
  const inScript = letters.match(pattern)?.length ?? 0;
  return letters !== "" && inScript >= 0.9 * [...letters].length;
}

/** The JSON value that a text is, with or without a Markdown fence around it; undefined when it is none. */
export function jsonOf(text: string): unknown {
  const body = /^```(?:json)?\s*([\s\S]*?)\s*```$/i.exec(text.trim())?.[1] ?? text;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
