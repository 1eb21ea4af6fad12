// Everything that can be asked about a scene, with its answer. A question is listed only when the answer is
// certain: nothing stands near the border of the direction asked about, sizes and counts differ clearly.
import type { Box } from "../../spec/index.ts";
import type { Rng } from "../../util/rng.ts";
import { sceneSize } from "./canvas.ts";
import type { ChartType } from "./chart-questions.ts";
import { concepts } from "./concepts.ts";
import type { DialogueType } from "./dialogue.ts";
import { minOffset, position } from "./position.ts";
import { describe, type ProgramStep } from "./program.ts";
import type { Scene } from "./scene.ts";
import {
  type Direction,
  directions,
  fartherThan,
  type QuestionForm,
  type QuestionType,
  type StepsForm,
  wordings,
} from "./wordings.ts";

/** What a question is about: concepts by their index, and a direction. */
export interface QuestionTopic {
  one?: number;
  other?: number;
  direction?: Direction;
  category?: string;
}

/**
 * The standard types, questions of several steps, names that only demonstrations can teach, charts, conversations, and
 * boxes: where a thing is, and which thing is in a place.
 */
export type SceneType =
  | QuestionType
  | "steps"
  | "names"
  | "groups"
  | ChartType
  | DialogueType
  | "where"
  | "place";

/** One question about a scene and its answer. */
export interface SceneQuestion {
  type: SceneType;
  form: QuestionForm | StepsForm | "kind-beside" | "grouping" | "where" | "place" | ChartType;
  topic: QuestionTopic;
  question: string;
  answer: string;
  /** Every accepted answer, when there is more than one. */
  answers?: string[];
  /** Names of the things that a caption mentions. */
  objects?: string[];
  /** How it is answered, where form and topic do not say it. */
  program?: ProgramStep[];
  /** The box that is asked for or about, in pixels. */
  box?: Box;
  /** What was asked and answered before, when it refers back, and the same question without referring. */
  earlier?: { question: string; answer: string }[];
  inFull?: string;
}

/** Largest area over smallest from which a question about size is fair. */
const minAreaRatio = 1.6;
/** Most of a kind that are asked to be counted; of a crowd, more. */
const mostCounted = 4;
const mostCountedOfCrowd = 8;

/** Lists one instance of every question that the scene supports, wordings drawn at random. */
export function askScene(scene: Scene, rng: Rng): SceneQuestion[] {
  const counts = countConcepts(scene);
  const present = [...counts.keys()];
  const questions: SceneQuestion[] = [];
  const ask: Ask = (form, topic, answer, more) =>
    questions.push({
      type: form === "more" || form === "bigger" ? "comparison" : form,
      form,
      topic,
      question: fillIn(rng.pick(wordings[form]), topic),
      answer,
      ...more,
    });
  const absent = () => {
    for (;;) {
      const index = rng.int(concepts.length);
      if (!counts.has(index)) return index;
    }
  };
  for (const one of present) ask("existence", { one }, "yes");
  for (let n = Math.max(1, present.length); n > 0; n--) ask("existence", { one: absent() }, "no");
  if (scene.kind === "single") {
    const concept = concepts[present[0]!]!;
    ask("naming", {}, concept.name);
    ask("category", {}, concept.category);
  }
  const most = scene.look === "crowded" ? mostCountedOfCrowd : mostCounted;
  for (const [one, count] of counts) if (count <= most) ask("counting", { one }, String(count));
  askPositions(scene, counts, ask);
  if (scene.word) ask("reading", {}, scene.word.text);
  askComparisons(scene, counts, rng, ask);
  if (present.length === 0) return questions;
  if (!scene.word) {
    const { text, names } = caption(scene);
    ask("caption", {}, text, { objects: names });
  }
  for (const form of ["counting", "position"] as const) {
    const one = absent();
    const direction = rng.pick(Object.keys(directions) as Direction[]);
    const answer = `I see no ${concepts[one]!.name}.`;
    const answers = [answer, `There is no ${concepts[one]!.name}.`];
    ask(form, form === "position" ? { one, direction } : { one }, answer, { type: "absent", answers });
  }
  return questions;
}

type Ask = (form: QuestionForm, topic: QuestionTopic, answer: string, more?: Partial<SceneQuestion>) => void;

function askPositions(scene: Scene, counts: Map<number, number>, ask: Ask): void {
  const clear = (minOffset * scene.size) / sceneSize;
  for (const [one, count] of counts) {
    if (count !== 1) continue;
    const anchor = scene.objects.findIndex((object) => object.concept === one);
    for (const direction of Object.keys(directions) as Direction[]) {
      const found = position(scene.objects, anchor, direction, clear);
      if (found === undefined) continue;
      ask("position", { one, direction }, concepts[scene.objects[found]!.concept]!.name);
    }
  }
}

function askComparisons(scene: Scene, counts: Map<number, number>, rng: Rng, ask: Ask): void {
  const present = [...counts.keys()];
  for (let i = 0; i < present.length; i++)
    for (let j = i + 1; j < present.length; j++) {
      const [one, other] = rng.chance(0.5) ? [present[i]!, present[j]!] : [present[j]!, present[i]!];
      const [countA, countB] = [counts.get(one)!, counts.get(other)!];
      if (countA !== countB) ask("more", { one, other }, concepts[countA > countB ? one : other]!.plural);
      if (countA !== 1 || countB !== 1) continue;
      const [areaA, areaB] = [areaOf(scene, one), areaOf(scene, other)];
      if (Math.max(areaA, areaB) >= minAreaRatio * Math.min(areaA, areaB))
        ask("bigger", { one, other }, concepts[areaA > areaB ? one : other]!.name);
    }
}

/** How many objects of each concept there are, in the order of first appearance from left to right. */
export function countConcepts(scene: Scene): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { concept } of [...scene.objects].sort((a, b) => a.center[0] - b.center[0]))
    counts.set(concept, (counts.get(concept) ?? 0) + 1);
  return counts;
}

/** Names everything in the picture, from left to right: "a dog, two cats and a pear". */
export function caption(scene: Scene): { text: string; names: string[] } {
  const names = scene.objects
    .toSorted((a, b) => a.center[0] - b.center[0])
    .map(({ concept }) => concepts[concept]!.name);
  return { text: describe(names), names: [...new Set(names)] };
}

function areaOf(scene: Scene, concept: number): number {
  const [x1, y1, x2, y2] = scene.objects.find((object) => object.concept === concept)!.box;
  return (x2 - x1) * (y2 - y1);
}

/** Puts names into a wording. */
export function fillIn(wording: string, { one, other, direction, category }: QuestionTopic): string {
  return wording.replace(/\b(Xs|X|N|Ms|M|D|K|F)\b/g, (mark) => {
    if (mark === "K") return `${category}s`;
    if (mark === "F") return fartherThan[direction!];
    const concept = concepts[(mark.startsWith("M") ? other : one)!]!;
    switch (mark) {
      case "X":
        return `${concept.article} ${concept.name}`;
      case "D":
        return directions[direction!];
      default:
        return mark.endsWith("s") ? concept.plural : concept.name;
    }
  });
}
