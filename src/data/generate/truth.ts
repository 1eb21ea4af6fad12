// Whether a text is true of an annotated picture: what exists, how many, where, of what kind, how big. A clause that uses
// words of place, number or size in a way that cannot be followed is not let through; one without them is no claim.

import { type Claims, type Cue, type Mention, readClaims } from "./claims.ts";
import type { PictureContext, SeenObject } from "./context.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Centres must be this share of the picture apart, and areas this ratio, to be told apart. */
const clear = { offset: 0.02, area: 1.1 };

/** Sentences of a text. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

/** The reason why a text is not true of a picture; undefined when nothing speaks against it. */
export function untruth(text: string, picture: PictureContext, vocabulary: Vocabulary): string | undefined {
  for (const sentence of sentencesOf(text)) {
    for (const clause of sentence.split(/;\s+|,?\s+(?:but|while|whereas)\s+/i)) {
      const reason = clauseUntruth(readClaims(clause, vocabulary), picture, vocabulary);
      if (reason) return `${reason}: "${clause.slice(0, 120)}"`;
    }
  }
  return undefined;
}

/** The same of an answer to a question; a bare "yes", "no", name or number is read together with the question. */
export function answerUntruth(
  { question, answer }: { question: string; answer: string },
  picture: PictureContext,
  vocabulary: Vocabulary,
): string | undefined {
  const [, said, rest = ""] = /^\s*(yes|no)\b[\s,.!:;-]*(.*)$/is.exec(answer) ?? [];
  if (said) {
    const claims = readClaims(question, vocabulary);
    const claim = clauseUntruth(claims, picture, vocabulary);
    const isTrue = claim === undefined && (claims.mentions.length > 0 || claims.cues.length > 0);
    if (said.toLowerCase() === "yes" && claim) return `the answer is no, ${claim}`;
    if (said.toLowerCase() === "no" && isTrue) return "the answer is yes";
    return rest ? untruth(rest, picture, vocabulary) : undefined;
  }
  const words = answer.trim().split(/\s+/).length;
  const joined = `${question.replace(/[.?!:;]/g, " ")} ${answer.replace(/[.?!]/g, " ")}`;
  if (words <= 4) return clauseUntruth(readClaims(joined, vocabulary), picture, vocabulary);
  return untruth(answer, picture, vocabulary);
}

function clauseUntruth(
  claims: Claims,
  { objects }: PictureContext,
  vocabulary: Vocabulary,
): string | undefined {
  const { mentions, cues, isDenied, words } = claims;
  const things = mentions.filter(({ type }) => type === "thing");
  const found = (mention: Pick<Mention, "name">) => instancesOf(mention, objects, vocabulary);
  const names = new Set(mentions.map(({ name }) => name));
  const kind = mentions.find(({ type }) => type === "kind");
  if (kind && things.length > 0 && cues.length === 0 && isAboutKind(words)) {
    const absent = things.find((thing) => found(thing).length === 0);
    if (absent) return `no ${absent.name} in the picture`;
    const kinds = vocabulary.kindsOf(things[0]!.name);
    if (kinds.size === 0) return `the kind of ${things[0]!.name} is not known`;
    return kinds.has(kind.name) === isDenied ? `${things[0]!.name} and ${kind.name} do not fit` : undefined;
  }
  if (cues.length > 0 && mentions.length > 0) {
    const absent = mentions.find((mention) => found(mention).length === 0);
    if (absent && !isDenied && !absent.isDenied) return `no ${absent.name} in the picture`;
    if (!absent) {
      for (const cue of cues) {
        const reason = relationUntruth(cue, claims, names, found, objects);
        if (reason === "unclear") return `cannot tell what is ${cue.relation}`;
        if ((reason === "false") !== isDenied) return `${cue.relation} does not hold`;
      }
      return isDenied ? undefined : countUntruth(mentions, found);
    }
  }
  return countUntruth(mentions, found);
}

function countUntruth(
  mentions: readonly Mention[],
  found: (mention: Mention) => SeenObject[],
): string | undefined {
  for (const mention of mentions) {
    const { name, count, isDenied } = mention;
    const there = found(mention).length;
    const { least, most } = count ?? { least: 1, most: Number.POSITIVE_INFINITY };
    const holds = there >= least && there <= most;
    const isZero = count?.most === 0;
    if (isZero ? !holds : holds === isDenied) {
      return isDenied && !isZero ? `${name} is in the picture` : `${there} of ${name} in the picture`;
    }
  }
  return undefined;
}

function instancesOf(
  { name }: Pick<Mention, "name">,
  objects: readonly SeenObject[],
  vocabulary: Vocabulary,
): SeenObject[] {
  return objects.filter(({ label }) => {
    const own = label.toLowerCase();
    return own === name || vocabulary.kindsOf(own).has(name);
  });
}

function isAboutKind(words: readonly string[]): boolean {
  return words.some((word) =>
    /^(?:is|are|kinds?|types?|sorts?|belongs?|class|classed|counts?|category|falls?|comes?|file|under|form|example|considered|an?)$/.test(
      word,
    ),
  );
}

type Found = (mention: Mention) => SeenObject[];

function relationUntruth(
  cue: Cue,
  claims: Claims,
  names: ReadonlySet<string>,
  found: Found,
  objects: readonly SeenObject[],
): "true" | "false" | "unclear" {
  const { relation } = cue;
  if (names.size > 2) return "unclear";
  const { subject, anchor } = rolesOf(cue, claims);
  if (relation === "more" || relation === "fewer") {
    if (!anchor) return "unclear";
    const difference = found(subject).length - found(anchor).length;
    return (relation === "more" ? difference > 0 : difference < 0) ? "true" : "false";
  }
  const own = found(subject);
  if (relation === "bigger" || relation === "smaller") {
    const others = anchor ? found(anchor) : objects.filter((object) => !own.includes(object));
    if (others.length === 0) return "unclear";
    const [a, b] = [own.map(areaOf), others.map(areaOf)];
    const isBigger = Math.max(...a) > Math.max(...b) * clear.area;
    const isSmaller = Math.min(...a) * clear.area < Math.min(...b);
    return (relation === "bigger" ? isBigger : isSmaller) ? "true" : "false";
  }
  const others = anchor ? found(anchor).map(centreOf) : [[0.5, 0.5] as const];
  const holds = own.map(centreOf).some(([x, y]) =>
    others.some(([ax, ay]) => {
      if (relation === "middle") return Math.abs(x - 0.5) < 0.2 && Math.abs(y - 0.5) < 0.2;
      const along = { left: ax - x, right: x - ax, above: ay - y, below: y - ay }[relation];
      return along > clear.offset;
    }),
  );
  return holds ? "true" : "false";
}

/** Which of two things a cue says something of, from where the cue stands. */
function rolesOf({ at }: Cue, { mentions, words }: Claims): { subject: Mention; anchor?: Mention } {
  const before = mentions.filter(({ end }) => end <= at);
  const after = mentions.filter(({ start }) => start > at);
  const other = (mention: Mention, list = mentions) => list.find(({ name }) => name !== mention.name);
  const last = mentions.at(-1)!;
  const isTurned = /^(?:its|whose)$/.test(words[at - 1] ?? "");
  if (before.length > 0 && after.length > 0) {
    const [near, far] = [before.at(-1)!, other(before.at(-1)!, after) ?? other(before.at(-1)!)];
    return isTurned && far ? { subject: far, anchor: near } : { subject: near, anchor: far };
  }
  if (after.length === 0 && mentions.length === 2) {
    const between = words.slice(mentions[0]!.end, mentions[1]!.start);
    const isAside = between.some((word) => /^(?:compared|relative|against|than|from)$/.test(word));
    if (isAside) return { subject: mentions[0]!, anchor: other(mentions[0]!) };
  }
  return { subject: last, anchor: other(last) };
}

function areaOf({ box: [x1, y1, x2, y2] }: SeenObject): number {
  return (x2 - x1) * (y2 - y1);
}

function centreOf({ box: [x1, y1, x2, y2] }: SeenObject): readonly [number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}
