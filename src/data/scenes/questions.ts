// Everything that can be asked about a scene, with its answer. A question is listed only when the answer is
// certain: nothing stands near the border of the direction asked about, sizes and counts differ clearly.
import type { Rng } from "../../util/rng.ts";
import { type Concept, concepts } from "./concepts.ts";
import { position } from "./position.ts";
import type { Scene } from "./scene.ts";
import {
  type Direction,
  directions,
  numberWords,
  type QuestionForm,
  type QuestionType,
  wordings,
} from "./wordings.ts";

/** One question about a scene and its answer. */
export interface SceneQuestion {
  type: QuestionType;
  question: string;
  answer: string;
  /** Every accepted answer, when there is more than one. */
  answers?: string[];
  /** Names of the things that a caption mentions. */
  objects?: string[];
}

/** Largest area over smallest from which a question about size is fair. */
const minAreaRatio = 1.6;

/** Lists one instance of every question that the scene supports, wordings drawn at random. */
export function askScene(scene: Scene, rng: Rng): SceneQuestion[] {
  const questions: SceneQuestion[] = [];
  const counts = countConcepts(scene);
  const present = [...counts.keys()];
  const absent = () => {
    for (;;) {
      const index = rng.int(concepts.length);
      if (!counts.has(index)) return index;
    }
  };
  const ask = (
    type: QuestionType,
    form: QuestionForm,
    fill: Fill,
    answer: string,
    more?: Partial<SceneQuestion>,
  ) => questions.push({ type, question: fillIn(rng.pick(wordings[form]), fill), answer, ...more });

  for (const index of present) ask("existence", "existence", { one: concepts[index]! }, "yes");
  for (let n = Math.max(1, present.length); n > 0; n--)
    ask("existence", "existence", { one: concepts[absent()]! }, "no");
  if (scene.kind === "single") {
    const concept = concepts[present[0]!]!;
    ask("naming", "naming", {}, concept.name);
    ask("category", "category", {}, concept.category);
  }
  if (scene.objects.length > 0)
    for (const [index, count] of counts)
      if (count <= 4) ask("counting", "counting", { one: concepts[index]! }, String(count));
  for (const index of present) {
    if (counts.get(index) !== 1) continue;
    const anchor = scene.objects.findIndex((object) => object.concept === index);
    for (const direction of Object.keys(directions) as Direction[]) {
      const found = position(scene.objects, anchor, direction);
      if (found === undefined) continue;
      const name = concepts[scene.objects[found]!.concept]!.name;
      ask("position", "position", { one: concepts[index]!, direction }, name);
    }
  }
  if (scene.word) ask("reading", "reading", {}, scene.word.text);
  askComparisons(scene, counts, rng, ask);
  if (scene.objects.length > 0 && !scene.word) {
    const { text, names } = caption(scene);
    ask("caption", "caption", {}, text, { objects: names });
  }
  if (scene.objects.length > 0)
    for (const form of ["counting", "position"] as const) {
      const one = concepts[absent()]!;
      const direction = rng.pick(Object.keys(directions) as Direction[]);
      ask("absent", form, { one, direction }, `I see no ${one.name}.`, {
        answers: [`I see no ${one.name}.`, `There is no ${one.name}.`],
      });
    }
  return questions;
}

type Ask = (type: QuestionType, form: QuestionForm, fill: Fill, answer: string) => void;

function askComparisons(scene: Scene, counts: Map<number, number>, rng: Rng, ask: Ask): void {
  const present = [...counts.keys()];
  for (let i = 0; i < present.length; i++)
    for (let j = i + 1; j < present.length; j++) {
      const [a, b] = rng.chance(0.5) ? [present[i]!, present[j]!] : [present[j]!, present[i]!];
      const fill = { one: concepts[a]!, other: concepts[b]! };
      const [countA, countB] = [counts.get(a)!, counts.get(b)!];
      if (countA !== countB) ask("comparison", "more", fill, concepts[countA > countB ? a : b]!.plural);
      if (countA !== 1 || countB !== 1) continue;
      const [areaA, areaB] = [areaOf(scene, a), areaOf(scene, b)];
      if (Math.max(areaA, areaB) >= minAreaRatio * Math.min(areaA, areaB))
        ask("comparison", "bigger", fill, concepts[areaA > areaB ? a : b]!.name);
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
  const counts = [...countConcepts(scene)];
  const items = counts.map(([index, count]) => {
    const { article, name, plural } = concepts[index]!;
    return count === 1 ? `${article} ${name}` : `${numberWords[count]} ${plural}`;
  });
  const text = items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items.at(-1)}` : items[0]!;
  return { text, names: counts.map(([index]) => concepts[index]!.name) };
}

function areaOf(scene: Scene, concept: number): number {
  const [x1, y1, x2, y2] = scene.objects.find((object) => object.concept === concept)!.box;
  return (x2 - x1) * (y2 - y1);
}

interface Fill {
  one?: Concept;
  other?: Concept;
  direction?: Direction;
}

/** Puts names into a wording. */
function fillIn(wording: string, { one, other, direction }: Fill): string {
  return wording.replace(/\b(Xs|X|N|Ms|M|D)\b/g, (mark) => {
    switch (mark) {
      case "X":
        return `${one!.article} ${one!.name}`;
      case "Xs":
        return one!.plural;
      case "N":
        return one!.name;
      case "Ms":
        return other!.plural;
      case "M":
        return other!.name;
      default:
        return directions[direction!];
    }
  });
}
