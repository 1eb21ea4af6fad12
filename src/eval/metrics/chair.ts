// CHAIR (Rohrbach et al., arXiv 1809.02156): which of the objects that a caption names are not in the picture. Rules of
// the authors' code (LisaAnne/Hallucination, utils/chair.py): the caption in lower case, split into words, made singular;
// two words that name one object are one; "baby" or "adult" before an animal and "passenger" before a jet or a train name
// no person; a bow tie is a tie, a toilet seat is a toilet and no chair, a home plate is nothing. What is in the picture
// is the union of its labels and of the objects that its reference captions name.
// Two limits. Singular forms come from rules of ours, not from the "pattern" package. A word with a hyphen is one word, as
// in NLTK's tokenizer, so "fire-hydrant" is not seen.
import { InputError } from "../../errors/index.ts";
import { singularForms } from "../caption.ts";
import { cocoSynonyms } from "./coco-objects.ts";

/** Words and the objects that they name. */
export interface ObjectVocabulary {
  /** From every known word, in singular and plural, to the object's own name. */
  names: ReadonlyMap<string, string>;
  /** Words in the longest name. */
  longest: number;
}

/** Objects by their own name, each with other words for it. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

const animals = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"];
/** Two words that count as one; null is no object at all. */
const pairs = new Map<string, string | null>([
  ...[...animals, "animal", "cub"].flatMap((animal): [string, string][] => [
    [`baby ${animal}`, animal],
    [`adult ${animal}`, animal],
  ]),
  ["passenger jet", "jet"],
  ["passenger train", "train"],
  ["bow tie", "tie"],
  ["toilet seat", "toilet"],
  ["home plate", null],
]);

/** Makes a vocabulary. A word may name only one object. */
export function objectVocabulary(synonyms: Synonyms): ObjectVocabulary {
  const names = new Map<string, string>();
  for (const [object, others] of Object.entries(synonyms)) {
    for (const word of [object, ...others].map(plainName)) {
      const known = names.get(word);
      if (known !== undefined && known !== plainName(object)) {
        const rule = `a word must name one object only, but "${word}" names "${known}" and "${object}"`;
        throw new InputError({ where: "synonyms", rule });
      }
      names.set(word, plainName(object));
    }
  }
  return { names, longest: Math.max(1, ...[...names.keys()].map((word) => word.split(" ").length)) };
}

/** Reads the form of CHAIR's own list: one object a line, its name first, words between commas. */
export function parseSynonymLines(text: string): Record<string, string[]> {
  const synonyms: Record<string, string[]> = Object.create(null);
  for (const line of text.split("\n")) {
    const [object, ...others] = line.split(",").map(plainName).filter(Boolean);
    if (object !== undefined) synonyms[object] = [...(synonyms[object] ?? []), ...others];
  }
  return synonyms;
}

/**
 * The vocabulary for pictures with these labels: COCO's when all are COCO's own names; else the labels themselves, each
 * with the words that COCO's table has for it, unless such a word is a label too.
 */
export function vocabularyFor(labels: Iterable<string>): ObjectVocabulary {
  const coco = parseSynonymLines(cocoSynonyms);
  const given = new Set([...labels].map(plainName));
  if ([...given].every((label) => label in coco)) return objectVocabulary(coco);
  const own: Record<string, string[]> = Object.create(null);
  for (const label of given) {
    const isPlural = singularForms(label).some((form) => form !== label && given.has(form));
    if (!isPlural) own[label] = (coco[label] ?? []).filter((word) => !given.has(word));
  }
  return objectVocabulary(own);
}

/** The object that a word or label names. */
export function objectOf(word: string, { names }: ObjectVocabulary): string | undefined {
  for (const form of singularForms(plainName(word))) {
    const object = names.get(form);
    if (object !== undefined) return object;
  }
  return undefined;
}

/** The objects that a caption names, in order, with repetition. */
export function mentionedObjects(caption: string, vocabulary: ObjectVocabulary): string[] {
  const words = wordsOf(caption);
  const found: { word: string; object: string }[] = [];
  for (let at = 0; at < words.length; ) {
    const { word, length } = longestName(words, at, vocabulary);
    const object = word === null ? undefined : objectOf(word, vocabulary);
    if (word !== null && object !== undefined) found.push({ word, object });
    at += length;
  }
  // The seat of a toilet is no chair, wherever in the caption it is.
  const hasToilet = found.some(({ word }) => singularForms(word).includes("toilet"));
  const kept = hasToilet ? found.filter(({ word }) => !singularForms(word).includes("seat")) : found;
  return kept.map(({ object }) => object);
}

function longestName(
  words: readonly string[],
  at: number,
  vocabulary: ObjectVocabulary,
): { word: string | null; length: number } {
  for (let length = Math.min(Math.max(2, vocabulary.longest), words.length - at); length > 1; length--) {
    const phrase = words.slice(at, at + length).join(" ");
    if (length === 2) {
      const pair = singularForms(phrase).find((form) => pairs.has(form));
      if (pair !== undefined) return { word: pairs.get(pair)!, length };
    }
    if (objectOf(phrase, vocabulary) !== undefined) return { word: phrase, length };
  }
  return { word: words[at]!, length: 1 };
}

/** Words and marks of a caption in lower case; a mark keeps two words apart. */
function wordsOf(caption: string): string[] {
  return caption.toLowerCase().match(/[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*|\S/gu) ?? [];
}

/** Words of a caption, marks not counted. */
export function captionLength(caption: string): number {
  return wordsOf(caption).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

function plainName(name: string): string {
  return name.trim().replace(/\s+/g, " ").toLowerCase();
}

/** One caption, judged. */
export interface ChairItem {
  /** Objects named, with repetition. */
  mentioned: string[];
  /** Those of them that are not in the picture, with repetition. */
  hallucinated: string[];
  /** Objects in the picture that are named, each once. */
  covered: number;
  /** Objects in the picture. */
  present: number;
  length: number;
}

/** Judges one caption. */
export function chairItem(
  caption: string,
  picture: { labels: readonly string[]; references: readonly string[] },
  vocabulary: ObjectVocabulary,
): ChairItem {
  const labels = picture.labels.map((label) => objectOf(label, vocabulary) ?? plainName(label));
  const said = picture.references.flatMap((reference) => mentionedObjects(reference, vocabulary));
  const present = new Set([...labels, ...said]);
  const mentioned = mentionedObjects(caption, vocabulary);
  return {
    mentioned,
    hallucinated: mentioned.filter((object) => !present.has(object)),
    covered: new Set(mentioned.filter((object) => present.has(object))).size,
    present: present.size,
    length: captionLength(caption),
  };
}

/** Figures over all captions, as fractions; a share of nothing is 0. Lower is better for the first two. */
export interface ChairFigures {
  /** Share of the mentions that are hallucinated. */
  chairI: number;
  /** Share of the captions with a hallucinated mention. */
  chairS: number;
  /** Share of the objects in the pictures that are named. */
  recall: number;
  /** Words of a caption: short ones have less to get wrong. */
  meanLength: number;
}

/** Computes the figures over captions; sums run over all of them. */
export function chairFigures(items: readonly ChairItem[]): ChairFigures {
  const sum = (of: (item: ChairItem) => number) => items.reduce((total, item) => total + of(item), 0);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    chairI: share(
      sum(({ hallucinated }) => hallucinated.length),
      sum(({ mentioned }) => mentioned.length),
    ),
    chairS: share(
      sum(({ hallucinated }) => Number(hallucinated.length > 0)),
      items.length,
    ),
    recall: share(
      sum(({ covered }) => covered),
      sum(({ present }) => present),
    ),
    meanLength: share(
      sum(({ length }) => length),
      items.length,
    ),
  };
}
