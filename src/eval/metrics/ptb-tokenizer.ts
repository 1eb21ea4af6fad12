// The tokens that caption metrics are computed on: Stanford's PTB tokenizer as pycocoevalcap calls it (CoreNLP 3.4.1,
// -preserveLines -lowerCase), then the marks of ptbtokenizer.py dropped. A lexer of our own that covers what captions
// hold; for rare things (phone numbers, entities, most smileys) it may split otherwise than the original.
// Traps: words are taken apart ("isn't" is "is n't", "man's" is "man 's", "cannot" is "can not", "gonna" is "gon na"),
// other text in lower case without marks is split at white space; the list of dropped marks has "-LRB-", but tokens are
// lower-cased before it is applied, so brackets stay, as "-lrb-"; "!!" and "?!" are one token and stay too; "$5" is two
// tokens; an abbreviation keeps its full stop ("p.m.", "dr.").
import { InternalError } from "../../errors/index.ts";

const dropped = new Set(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"]);

const brackets: Record<string, string> = {
  ...{ "(": "-LRB-", ")": "-RRB-", "[": "-LSB-", "]": "-RSB-", "{": "-LCB-", "}": "-RCB-" },
};
const currencies: Record<string, string> = { "€": "$", "£": "#" };
const fractions: Record<string, string> = { "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3" };

const abbreviations = [
  ...[
    "mr",
    "mrs",
    "ms",
    "dr",
    "drs",
    "prof",
    "st",
    "ste",
    "mt",
    "ft",
    "jr",
    "sr",
    "bros",
    "vs",
    "etc",
    "al",
    "esq",
  ],
  ...[
    "inc",
    "co",
    "cos",
    "corp",
    "ltd",
    "plc",
    "dept",
    "univ",
    "assn",
    "ave",
    "blvd",
    "rd",
    "hwy",
    "gen",
    "col",
    "capt",
  ],
  ...[
    "lt",
    "sgt",
    "gov",
    "sen",
    "rep",
    "pres",
    "rev",
    "hon",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
  ],
  ...[
    "sept",
    "oct",
    "nov",
    "dec",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thurs",
    "fri",
    "ph\\.d",
    "messrs",
    "mme",
    "mlle",
  ],
].join("|");

/** Words that say that the full stop after a single letter ended a sentence. */
const sentenceStarts =
  "A|An|And|As|At|But|He|Her|His|I|In|It|Its|My|On|One|She|Some|That|The|Their|There|These|They|This|Those|To|We|You";

const letter = "[\\p{L}\\p{M}]";
const alphanumeric = "[\\p{L}\\p{M}\\p{Nd}]";
const wordEnd = `(?!${alphanumeric})`;
/** The end of a word that is no part of a longer one. */
const wholeEnd = `(?!['-]?${alphanumeric})`;

interface Rule {
  pattern: RegExp;
  form?: (match: string) => string;
}

/** Kinds of tokens; the first that fits at a position is taken. */
const rules: Rule[] = [
  rule("<\\/?[a-z][^<>]*>"),
  rule('(?:https?|ftp):\\/\\/[^\\s"<>|()]*[^\\s"<>|().,;:!?\'-]'),
  rule("[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+"),
  rule("[@#][a-z_]\\w*"),
  rule(`[:;=]-?[()dp]${wordEnd}`, (match) => match.replace(/[()]/, (mark) => brackets[mark]!)),
  // Two words written as one.
  rule(
    `(?:gon|wan)(?=na${wholeEnd})|got(?=ta${wholeEnd})|(?:gim|lem)(?=me${wholeEnd})|can(?=not${wholeEnd})`,
  ),
  rule(`'t(?=(?:is|was)(?:n't)?${wordEnd})|y'(?=all${wordEnd})`),
  // Shortened words that keep their apostrophe.
  rule(`'n'|'(?:em|till?|cause|n|[2-9]0s)${wordEnd}|ol'${wordEnd}`),
  // The verb before "n't", "n't" itself, and the other endings with an apostrophe.
  rule(`(?:${alphanumeric}+-)*${letter}+?(?=n't${wordEnd})|n't${wordEnd}|'(?:s|m|d|ll|re|ve)${wordEnd}`),
  // Acronyms, abbreviations and initials, with their full stops.
  rule(`${letter}(?:\\.${letter})+\\.|(?:${abbreviations})\\.|no\\.(?=\\s*\\d)`),
  rule(`[A-Za-z]\\.(?=\\s+(?!(?:${sentenceStarts})\\b)\\S)|[a-z]\\.(?=\\s*$)`, undefined, "u"),
  rule("[A-Z]+(?:&[A-Z]+)+", undefined, "u"),
  rule(`[+-]?(?:\\d+(?:[.,:]\\d+)+|\\.\\d+)|[+-]\\d+${wordEnd}`),
  // Names such as o'clock, d'angelo and ma'am; then words, with what may stand within them.
  rule(`${letter}'(?!(?:ll|re|ve)${wordEnd})${letter}{2,}|${letter}+[aeiouy]'[aeiou]${letter}*`),
  rule(`${alphanumeric}+(?:[-_/.?!]${alphanumeric}+)*`),
  rule("[½¼¾⅓⅔]", (match) => fractions[match]!),
  rule("\\.{3,}|…", () => "..."),
  rule("-{2,}|[–—―]", () => "--"),
  rule("``|''|[`'\"‘“”«»]", () => "'"),
  rule("[()[\\]{}]", (match) => brackets[match]!),
  rule("[$€£]", (match) => currencies[match] ?? match),
  rule("[?!]+|\\*+|_+|~+|\\S"),
];

function rule(pattern: string, form?: (match: string) => string, flags = "iu"): Rule {
  return { pattern: new RegExp(pattern, `${flags}y`), form };
}

/** The lower-case tokens of a caption, without the dropped marks. */
export function ptbTokens(caption: string): string[] {
  const text = caption.replaceAll("’", "'");
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    const space = text.slice(at).search(/\S/);
    if (space < 0) break;
    at += space;
    const { match, form } = firstMatch(text, at);
    tokens.push(...(form ? form(match) : match).toLowerCase().split(/\s+/));
    at += match.length;
  }
  return tokens.filter((token) => !dropped.has(token));
}

function firstMatch(text: string, at: number): { match: string; form: Rule["form"] } {
  for (const { pattern, form } of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match) return { match, form };
  }
  throw new InternalError({
    where: "ptbTokens",
    rule: "every character must belong to a token",
    got: text[at],
  });
}
