// Which things a text names, of those that a detector can tell, and the text without some of them. Works on words alone: a
// name or its regular plural, the longest name first ("hot dog" is no dog).
import { escapeRegex } from "../../model/index.ts";

/** A thing that a text names. */
export interface Mention {
  name: string;
  /** Its place in the text, in characters. */
  start: number;
  end: number;
  /** How many the text says there are, where it says so; a name in the singular is one. */
  count: number | undefined;
}

const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** The things that a text names, in their order. */
export function mentionsIn(text: string, vocabulary: readonly string[]): Mention[] {
  const names = vocabulary.toSorted((a, b) => b.length - a.length);
  const forms = new Map(
    names.flatMap((name) => [...formsOf(name)].map((form) => [form.toLowerCase(), name] as const)),
  );
  if (forms.size === 0) return [];
  const pattern = [...forms.keys()].toSorted((a, b) => b.length - a.length).map(escapeRegex);
  const mention = new RegExp(
    `(?:\\b(an?|the|\\d{1,2}|${words.join("|")})\\s+)?\\b(${pattern.join("|")})\\b`,
    "gi",
  );
  return [...text.matchAll(mention)].map((match) => {
    const [whole, before = "", form = ""] = match;
    const name = forms.get(form.toLowerCase())!;
    const isOne = form.toLowerCase() === name.toLowerCase();
    return {
      name,
      start: match.index,
      end: match.index + whole.length,
      count: numberOf(before) ?? (isOne ? 1 : undefined),
    };
  });
}

/** A name after its number: "two dogs", "a dog", with the article of the text's language, English. */
export function counted(name: string, count: number): string {
  if (count === 1) return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
  return `${words[count] ?? count} ${[...formsOf(name)][1]}`;
}

/**
 * A list of things ("a dog, two cats and a pear") put together from those of its items that are kept; undefined when the text is
 * no list.
 */
export function rewriteList(text: string, rewrite: (item: string) => string | undefined): string | undefined {
  const [, body = "", end = ""] = /^(.*?)(\.?)\s*$/s.exec(text) ?? [];
  const items = body.split(/,\s*(?:and\s+)?|\s+and\s+/).map((item) => item.trim());
  if (items.length < 2 && !/^\s*(?:an?|the|\w+)\s/.test(body)) return undefined;
  const kept = items.flatMap((item) => rewrite(item) ?? []);
  const joined = kept.length > 1 ? `${kept.slice(0, -1).join(", ")} and ${kept.at(-1)}` : (kept[0] ?? "");
  return joined === "" ? "" : `${joined}${end}`;
}

function numberOf(before: string): number | undefined {
  const word = before.toLowerCase();
  if (word === "a" || word === "an") return 1;
  if (/^\d+$/.test(word)) return Number(word);
  const at = words.indexOf(word);
  return at < 0 ? undefined : at;
}

/** A name, its plural, and how else the plural may be written. */
function formsOf(name: string): Set<string> {
  const regular = /(?:s|x|z|ch|sh)$/.test(name)
    ? `${name}es`
    : /[^aeiou]y$/.test(name)
      ? `${name.slice(0, -1)}ies`
      : `${name}s`;
  const irregular = /(?:[^f]f|fe)$/.test(name) ? [name.replace(/fe?$/, "ves")] : [];
  return new Set([name, ...irregular, regular]);
}
