// Chooses the questions of a dataset: the same number of every type, and within a type no answer so common that
// guessing it would pay. Pictures are made one after the other and asked what is still wanted.
import { createRng } from "../../util/rng.ts";
import { askGroups } from "./ask-groups.ts";
import { askNames } from "./ask-names.ts";
import { askPlace, askWhere } from "./boxes.ts";
import { askChart, chartTypes } from "./chart-questions.ts";
import { concepts } from "./concepts.ts";
import type { SceneKind } from "./content.ts";
import { askCrowd } from "./crowd.ts";
import { askDialogue, dialogueTypes } from "./dialogue.ts";
import { longWordsOf } from "./long-words.ts";
import type { LookName } from "./looks.ts";
import { makeChart } from "./make-chart.ts";
import { askScene, type SceneQuestion, type SceneType } from "./questions.ts";
import { makeScene, type Scene, type SceneAddress } from "./scene.ts";
import type { SceneSplit } from "./splits.ts";
import { askSteps } from "./steps.ts";
import { questionTypes } from "./wordings.ts";
import { wordsOf } from "./words.ts";
import type { World } from "./world.ts";

/** Which dataset: this many questions of a split. */
export interface SceneSet {
  split: SceneSplit;
  /** Questions. @default 2000, or 1000 where pictures are large */
  count?: number;
  /** @default 1 */
  seed?: number;
  /** Which pictures and which questions; see `sceneFamilies`. @default "standard" */
  family?: SceneFamily;
}

/**
 * Kinds of question sets. On the standard pictures: the nine standard types, questions of several steps, made-up names and
 * groups of single things, conversations, boxes of things, things in boxes. On pictures of their own, which are hard for a
 * model that sees 112 pixels a side: 7 to 12 things, things of about 16 pixels in a picture of 448, words of 7 to 12
 * letters, charts.
 */
export const sceneFamilies = [
  ...(["standard", "steps", "names", "groups", "dialogue", "where", "place"] as const),
  ...(["crowded", "small", "words", "charts"] as const),
] as const;
export type SceneFamily = (typeof sceneFamilies)[number];

interface Family {
  types: readonly SceneType[];
  ask: typeof askScene;
  /** The only kind of picture that is asked about. */
  kind?: SceneKind;
  /** @default "standard" */
  look?: LookName;
  /** @default 2000 */
  count?: number;
  make?: (world: World, address: SceneAddress) => Scene;
}
const families: Record<SceneFamily, Family> = {
  standard: { types: questionTypes, ask: askScene },
  steps: { types: ["steps"], ask: askSteps },
  names: { types: ["names"], ask: askNames, kind: "single" },
  groups: { types: ["groups"], ask: askGroups, kind: "single", count: 600 },
  dialogue: { types: dialogueTypes, ask: askDialogue },
  where: { types: ["where"], ask: askWhere },
  place: { types: ["place"], ask: askPlace },
  crowded: {
    types: ["existence", "counting", "position", "category"],
    ask: askCrowd,
    look: "crowded",
    count: 1000,
  },
  small: {
    types: ["existence", "naming", "counting", "position", "reading"],
    ask: askScene,
    look: "small",
    count: 1000,
  },
  words: { types: ["reading"], ask: askScene, look: "words", count: 1000 },
  charts: { types: chartTypes, ask: askChart, count: 1000, make: (_world, address) => makeChart(address) },
};

/** A picture and the questions chosen for it. */
export interface AskedScene {
  scene: Scene;
  questions: SceneQuestion[];
}

/** Most questions about one picture. */
const perPicture = 3;

/** Makes pictures until every question is placed. */
export function* chooseQuestions(
  world: World,
  { split, count: asked, seed = 1, family = "standard" }: SceneSet,
): Generator<AskedScene> {
  const { types, ask, kind, look, make = makeScene, count: usual = 2000 } = families[family];
  const count = asked ?? usual;
  const wanted = new Map<SceneType, number>();
  for (const [i, type] of types.entries())
    wanted.set(type, Math.floor(count / types.length) + (i < count % types.length ? 1 : 0));
  const total = new Map(wanted);
  const used = new Map<string, number>();
  let left = count;
  for (let index = 0; left > 0; index++) {
    const scene = make(world, { split, seed, index, ...(kind && { kind }), ...(look && { look }) });
    const rng = createRng("dataset", split, seed, index);
    const questions: SceneQuestion[] = [];
    for (const question of rng.shuffle(ask(scene, rng))) {
      const { type } = question;
      if (questions.length >= Math.min(perPicture, left) || !wanted.get(type)) continue;
      if (questions.some((other) => other.type === type)) continue;
      const n = total.get(type)!;
      const limits = limitsOf(question, scene, split, n);
      if (limits.some(([key, most]) => (used.get(`${type} ${key}`) ?? 0) >= most)) continue;
      for (const [key] of limits) used.set(`${type} ${key}`, (used.get(`${type} ${key}`) ?? 0) + 1);
      wanted.set(type, wanted.get(type)! - 1);
      questions.push(question);
    }
    left -= questions.length;
    if (questions.length > 0) yield { scene, questions };
  }
}

/** What a question counts towards, and how many of n may count towards it. */
type Limit = [key: string, most: number];

function limitsOf(question: SceneQuestion, scene: Scene, split: SceneSplit, n: number): Limit[] {
  const { answer, form, topic } = question;
  const share = (parts: number) => Math.ceil(n / parts);
  const kinds = new Set(scene.objects.map(({ concept }) => concept)).size;
  switch (question.type) {
    case "existence":
      return [
        [answer, share(2)],
        [`${answer} ${topic.one}`, share(50)],
      ];
    case "naming":
      return [[answer, share(concepts.length * 0.75)]];
    case "category":
      return [[answer, share(13)]];
    case "counting":
      // One thing alone in a picture is no test of counting.
      return kinds < 2 ? [["alone", 0]] : [[answer, share(scene.look === "crowded" ? 6 : 4)]];
    case "position":
      return [
        [topic.direction!, share(4)],
        [answer, share(40)],
      ];
    case "reading":
      return [[answer, share((scene.look === "words" ? longWordsOf : wordsOf)(split).length * 0.75)]];
    case "comparison": {
      const first = answer === concepts[topic.one!]!.name || answer === concepts[topic.one!]!.plural;
      return [[`${form} ${first}`, share(4)]];
    }
    case "caption":
      return [[kinds === 1 ? "alone" : "several", kinds === 1 ? share(5) : n]];
    case "absent":
      return [
        [form, share(2)],
        [answer, share(40)],
      ];
    case "names":
      return [[answer, share(concepts.length * 0.75)]];
    case "groups":
      return [[answer, share(3)]];
    case "where":
      return [[String(topic.one), share(40)]];
    case "place":
      return [[answer, share(40)]];
    case "dialogue-position":
      return [
        [topic.direction!, share(4)],
        [answer, share(40)],
      ];
    case "dialogue-category":
      return [[answer, share(13)]];
    case "dialogue-counting":
      return kinds < 2 ? [["alone", 0]] : [[answer, share(4)]];
    case "dialogue-total":
      return [[answer, share(5)]];
    case "dialogue-comparison":
      return [[answer === concepts[topic.one!]!.plural ? "first" : "second", share(2)]];
    case "chart-value":
    case "chart-difference":
    case "chart-total":
      return [[answer, share(12)]];
    case "chart-above":
      return [[answer, share(4)]];
    case "chart-extreme":
      return [
        [question.program!.at(-1)!.op, share(2)],
        [answer, share(20)],
      ];
    case "chart-higher":
      return [
        [question.question.includes(`${answer} or `) ? "first" : "second", share(2)],
        [answer, share(40)],
      ];
    case "steps":
      return [
        [form, share(5)],
        [`${form} ${answer}`, share(14)],
      ];
  }
}
