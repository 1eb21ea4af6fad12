// Scores a caption by the objects that it names: the F1 of the names in it against the names in the reference. Names
// are the noun phrases between commas and "and", without articles and counts; singular and plural are the same name.
import type { Scorer } from "../spec/index.ts";
import { digits, normaliseAnswer } from "../util/normalise-answer.ts";
import { references } from "./references.ts";

/** Makes the caption scorer; with several reference captions the best one counts. */
export function captionF1(): Scorer {
  return {
    name: "caption-f1",
    score(prediction, sample) {
      const named = objectNames(prediction);
      const scores = references(sample).map((reference) => namesF1(named, objectNames(reference)));
      return { score: Math.max(...scores), answer: named.join(", ") };
    },
  };
}

/** F1 of two lists of names, each name counted once. */
export function namesF1(named: readonly string[], expected: readonly string[]): number {
  if (named.length === 0 && expected.length === 0) return 1;
  const open = [...expected];
  let hits = 0;
  for (const name of named) {
    const at = open.findIndex((other) => isSameName(name, other));
    if (at < 0) continue;
    open.splice(at, 1);
    hits++;
  }
  return (2 * hits) / (named.length + expected.length);
}

/** The names of objects in a caption, each once, in order. */
export function objectNames(caption: string): string[] {
  const names: string[] = [];
  const body = normaliseAnswer(caption)
    .replace(
      /^(this|picture|image|photo|it|i|we|you|there|here)\b(.*?)\b(shows?|of|see|contains?|has|is|are)\s+/,
      "",
    )
    .replace(/[.!?]+/g, ",");
  for (const phrase of body.split(/\s*[,;]\s*|\s+and\s+|^and\s+/)) {
    const name = phrase
      .split(" ")
      .filter((word) => !/^(a|an|the|and|some|several|many|\d+)$/.test(digits(word)))
      .join(" ");
    if (name !== "" && !names.some((other) => isSameName(name, other))) names.push(name);
  }
  return names;
}

const irregular: Record<string, string> = {
  ...{ mice: "mouse", geese: "goose", feet: "foot", teeth: "tooth", oxen: "ox" },
  ...{ children: "child", people: "person", men: "man", women: "woman" },
};

/** True when two names differ at most in number. */
function isSameName(a: string, b: string): boolean {
  if (a === b) return true;
  const forms = singularForms(a);
  return singularForms(b).some((form) => forms.includes(form));
}

/** A name and what it could be the plural of. Only the last word changes. */
export function singularForms(name: string): string[] {
  const cut = name.lastIndexOf(" ") + 1;
  const head = name.slice(0, cut);
  const word = name.slice(cut);
  const forms = [word];
  if (irregular[word]) forms.push(irregular[word]);
  if (/[a-z]{3}men$/.test(word)) forms.push(`${word.slice(0, -3)}man`);
  if (/[^s]s$/.test(word)) forms.push(word.slice(0, -1));
  if (/(s|x|z|ch|sh|o)es$/.test(word)) forms.push(word.slice(0, -2));
  if (/[^aeiou]ies$/.test(word)) forms.push(`${word.slice(0, -3)}y`);
  if (/ves$/.test(word)) forms.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`);
  return forms.map((form) => head + form);
}
