// Words of a clause that say something checkable, wherever they stand: things and kinds with their numbers, denials,
// directions, comparisons. Wordings are many, cues are few, so cues and their order are read instead of whole patterns.
import type { Vocabulary } from "./vocabulary.ts";

/** A thing or kind that a clause speaks of. */
export interface Mention {
  type: "thing" | "kind";
  name: string;
  start: number;
  end: number;
  /** How many there are said to be. */
  count?: { least: number; most: number };
  isDenied: boolean;
}

/** A direction or comparison, and where it stands. */
export interface Cue {
  relation: "left" | "right" | "above" | "below" | "middle" | "bigger" | "smaller" | "more" | "fewer";
  at: number;
}

export interface Claims {
  words: string[];
  mentions: Mention[];
  cues: Cue[];
  /** The whole clause is denied ("is not", "isn't"). */
  isDenied: boolean;
}

const numbers = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const otherNumbers: Record<string, number> = {
  single: 1,
  lone: 1,
  pair: 2,
  couple: 2,
  both: 2,
  twin: 2,
  trio: 3,
};
const denials = new Set(
  "not cannot never absent missing neither nowhere lacks lack lacking none nothing false incorrect wrong untrue".split(
    " ",
  ),
);
const denyingDeterminers = new Set(["no", "without", "nor", "zero"]);
const relations: Record<Cue["relation"], string> = {
  left: "left leftmost leftward leftwards",
  right: "right rightmost rightward rightwards",
  above: "above over atop higher top upper topmost overhead",
  below: "below under beneath underneath lower bottom bottommost",
  middle: "middle centre center central",
  bigger: "bigger larger biggest largest dwarfs outsizes exceeds greater",
  smaller: "smaller tinier smallest tiniest littler dwarfed",
  more: "more outnumber outnumbers",
  fewer: "fewer fewest outnumbered",
};
const relationOf = new Map(
  Object.entries(relations).flatMap(([relation, row]) =>
    row.split(" ").map((word) => [word, relation as Cue["relation"]] as const),
  ),
);

/** Reads one clause. */
export function readClaims(clause: string, vocabulary: Vocabulary): Claims {
  const words =
    clause
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[\p{L}\p{N}]+(?:'\p{L}+)?/gu) ?? [];
  const isDenied = words.some((word, i) => isDenial(word) && words[i + 1] !== "only");
  const mentions: Mention[] = [];
  for (let i = 0; i < words.length; ) {
    const found = vocabulary.at(words, i);
    const isDirection = found?.length === 1 && relationOf.has(words[i]!);
    if (!found || isDirection) i++;
    else {
      const end = i + found.length;
      const from = mentions.at(-1)?.end ?? 0;
      const before = words.slice(0, i);
      mentions.push({
        ...found.named,
        start: i,
        end,
        ...numberBefore(words, i, from),
        isDenied:
          isDenied || before.some((word, j) => denyingDeterminers.has(word) && words[j + 1] !== "fewer"),
      });
      i = end;
    }
  }
  const inMention = (at: number) => mentions.some(({ start, end }) => at >= start && at < end);
  const cues: Cue[] = [];
  for (const [at, word] of words.entries()) {
    const relation = relationOf.get(word);
    if (!relation || inMention(at) || isFiller(words, at)) continue;
    // "It comes under vehicles": a kind, not a place.
    if (
      word === "under" &&
      mentions.some(({ type, start }) => type === "kind" && start <= at + 2 && start > at)
    )
      continue;
    const next = words[at + 1] ?? "";
    if (relation === "more" && /^(?:space|room|area|pixels|of)$/.test(next))
      cues.push({ relation: "bigger", at });
    else if (relation === "more" && next === "than" && numberOf(words[at + 2] ?? "") !== undefined) continue;
    else if (relation === "fewer" && next === "than" && numberOf(words[at + 2] ?? "") !== undefined) continue;
    else cues.push({ relation, at });
  }
  if (mentions.length > 0 && mentions.every(({ name }) => name === mentions[0]!.name))
    looseNumber(words, mentions);
  return { words, mentions, cues, isDenied };
}

function isDenial(word: string): boolean {
  return denials.has(word) || word.endsWith("n't");
}

/** "right next to", "left over": words of direction that give none. */
function isFiller(words: readonly string[], at: number): boolean {
  return /^(?:right|left|over) (?:next|now|here|there|beside|away|behind)$/.test(
    `${words[at]} ${words[at + 1]}`,
  );
}

function numberOf(word: string): number | undefined {
  if (/^\d{1,3}$/.test(word)) return Number(word);
  const index = numbers.indexOf(word);
  return index >= 0 ? index : otherNumbers[word];
}

/** The number right before a name, up to three words away. */
function numberBefore(words: readonly string[], start: number, from: number): Pick<Mention, "count"> {
  for (let i = start - 1; i >= Math.max(from, start - 3); i--) {
    const word = words[i]!;
    if (/^(?:several|multiple|many)$/.test(word)) {
      if (words[i - 1] === "how") return {};
      return { count: { least: 2, most: Number.POSITIVE_INFINITY } };
    }
    const value = numberOf(word);
    if (value === undefined) continue;
    // "three of the dogs" may be some of them; "not a single dog" is none.
    const isPart = words[i + 1] === "of" && !(word in otherNumbers) && words[i - 1] !== "exactly";
    if (isPart) return { count: { least: value, most: Number.POSITIVE_INFINITY } };
    if (value === 1 && words.slice(0, i).some(isDenial)) return {};
    return { count: bounds(words, i, value) };
  }
  return {};
}

function bounds(words: readonly string[], at: number, value: number): { least: number; most: number } {
  const before = words.slice(Math.max(0, at - 2), at).join(" ");
  if (before === "at least") return { least: value, most: Number.POSITIVE_INFINITY };
  if (before === "more than") return { least: value + 1, most: Number.POSITIVE_INFINITY };
  if (before === "at most" || before === "up to") return { least: 0, most: value };
  if (before === "fewer than" || before === "less than") return { least: 0, most: value - 1 };
  return { least: value, most: value };
}

/** In a clause about one thing, its number may stand anywhere: "the dogs number three", "How many dogs? Three." */
function looseNumber(words: readonly string[], mentions: Mention[]): void {
  if (mentions.some(({ count }) => count)) return;
  const found = words.flatMap((word, at) => {
    const value = numberOf(word);
    const isPronoun = word === "one" && /^(?:the|which|that|no|this|any)$/.test(words[at - 1] ?? "");
    const isNone = value === 1 && words.slice(0, at).some(isDenial);
    return value === undefined || isPronoun || isNone || words[at + 1] === "of" ? [] : [{ value, at }];
  });
  if (found.length === 1) mentions[0]!.count = bounds(words, found[0]!.at, found[0]!.value);
}
