// What a picture shows, before anything is drawn: which things, how many of each, which word. The rules of the
// splits (which pairs may meet, which words may be said) are kept here and nowhere else.
import type { Rng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { drawLongWord } from "./long-words.ts";
import type { LookName } from "./looks.ts";
import { pairSplit, type SceneSplit } from "./splits.ts";
import { drawWord } from "./words.ts";

/** One thing; several things; several of one thing among others; a word, perhaps with things beside it. */
export const sceneKinds = ["single", "several", "counting", "word"] as const;
export type SceneKind = (typeof sceneKinds)[number];

/** Concept of every object, and the word when there is one. */
export interface Content {
  kind: SceneKind;
  concepts: number[];
  word?: string;
}

/** Most objects in one picture, except in crowded ones. */
export const maxObjects = 6;

/** Decides what a picture shows. */
export function drawContent(
  split: SceneSplit,
  rng: Rng,
  given?: SceneKind,
  look: LookName = "standard",
): Content {
  if (look === "crowded") return drawCrowd(split, rng);
  const kind = given ?? (look === "words" ? "word" : drawKind(split, rng));
  switch (kind) {
    case "single":
      return { kind, concepts: drawKinds(split, 1, rng) };
    case "several": {
      const count = weighted(rng, [0, 0, 28, 30, 22, 12, 8]);
      const twin = count > 2 && rng.chance(0.2);
      const kinds = drawKinds(split, twin ? count - 1 : count, rng);
      return { kind, concepts: rng.shuffle(twin ? [...kinds, kinds[0]!] : kinds) };
    }
    case "counting": {
      const first = 1 + weighted(rng, [16, 22, 28, 34]);
      const others = Math.min(1 + rng.int(2), maxObjects - first);
      const kinds = drawKinds(split, 1 + others, rng);
      const list = Array<number>(first).fill(kinds[0]!);
      for (let i = 1; i <= others; i++) {
        const room = maxObjects - list.length - (others - i);
        list.push(...Array<number>(1 + rng.int(Math.min(3, room))).fill(kinds[i]!));
      }
      return { kind, concepts: rng.shuffle(list) };
    }
    case "word":
      return {
        kind,
        concepts: drawKinds(split, weighted(rng, [45, 35, 20]), rng),
        word: look === "words" ? drawLongWord(split, rng) : drawWord(split, rng),
      };
  }
}

/** Seven to twelve things: many different ones, or one to eight of a kind among a few other kinds. */
function drawCrowd(split: SceneSplit, rng: Rng): Content {
  const count = 7 + rng.int(6);
  if (rng.chance(0.5)) {
    const kinds = drawKinds(split, count - rng.int(3), rng);
    const list = [...kinds];
    while (list.length < count) list.push(rng.pick(kinds));
    return { kind: "several", concepts: rng.shuffle(list) };
  }
  const first = 1 + rng.int(8);
  const kinds = drawKinds(split, 3 + rng.int(3), rng);
  const list = [...Array<number>(first).fill(kinds[0]!), ...kinds.slice(1)];
  while (list.length < count) list.push(rng.pick(kinds.slice(1)));
  return { kind: "counting", concepts: rng.shuffle(list) };
}

/** Training sees more pictures of several equal things: counting and telling them apart is learned last. */
function drawKind(split: SceneSplit, rng: Rng): SceneKind {
  return sceneKinds[weighted(rng, split === "train" ? [13, 32, 41, 14] : [16, 32, 27, 25])]!;
}

/** Draws different concepts that may meet in this split; from two on, val and test get a pair of their own. */
export function drawKinds(split: SceneSplit, count: number, rng: Rng): number[] {
  const own = split === "test-style" ? "test" : split;
  const chosen: number[] = [];
  if (count >= 2 && own !== "train") {
    let partners: number[];
    let first: number;
    do {
      first = rng.int(concepts.length);
      partners = partnersOf(first, own);
    } while (partners.length === 0);
    chosen.push(first, rng.pick(partners));
  }
  while (chosen.length < count) {
    const next = rng.int(concepts.length);
    if (chosen.every((other) => other !== next && mayMeet(own, other, next))) chosen.push(next);
  }
  return rng.shuffle(chosen);
}

/** True when the pair may be seen in pictures of this split: training never sees a val or test pair. */
export function mayMeet(split: "train" | "val" | "test", a: number, b: number): boolean {
  const owner = pairSplit(concepts[a]!.name, concepts[b]!.name);
  return owner === "train" || owner === split || split === "test";
}

/** The concepts that make a pair of this split with a concept. */
function partnersOf(index: number, split: "val" | "test"): number[] {
  const { name } = concepts[index]!;
  return concepts.flatMap((other, i) => (i !== index && pairSplit(name, other.name) === split ? [i] : []));
}

/** Draws an index with probability in proportion to its weight. */
export function weighted(rng: Rng, weights: readonly number[]): number {
  let rest = rng.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return weights.length - 1;
}
