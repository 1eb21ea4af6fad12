// Picks the questions that training asks about one picture: a varied few of all that could be asked.
import type { Rng } from "../../util/rng.ts";
import { weighted } from "./content.ts";
import { askScene, type SceneQuestion, type SceneType } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { askSteps } from "./steps.ts";
import { questionTypes } from "./wordings.ts";

/** How often a type is picked while the picture still has a question of that type; other families are not asked here. */
const weights: Partial<Record<SceneType, number>> = {
  existence: 1.2,
  naming: 20,
  counting: 11,
  position: 6,
  category: 20,
  reading: 40,
  comparison: 1.6,
  caption: 2,
  absent: 1.3,
  steps: 7,
};

/**
 * Most things are alone of their kind, and pairs are more common than threes and fours: only these shares of them are counted,
 * or "1" would be the answer to most, and "2" to most of the others.
 */
const countedShare: Record<string, number> = { 1: 0.1, 2: 0.65 };

/** Share of the questions about absent things that are on offer; each picture has two. */
const absentShare = 0.3;

/** After a question of a type was picked, more of that type are this much less likely. */
const repeatFactor = 0.6;

/** Most questions of a type about one picture, for the types that any picture has plenty of. */
const caps: Partial<Record<SceneType, number>> = {
  existence: 2,
  comparison: 2,
  caption: 1,
  absent: 1,
  steps: 2,
};

/** Families of questions that training can ask. */
export const trainedTypes = [...questionTypes, "steps"] as const;
export type TrainedType = (typeof trainedTypes)[number];

export interface TrainQuestionsOptions {
  /** @default all */
  types?: readonly SceneType[] | undefined;
  /** Share of the pictures that are also asked about what is not in them. @default 1 */
  negatives?: number | undefined;
}

/** Draws at most n different questions about a scene; yes and no, and one to four, are about equally likely. */
export function trainQuestions(
  scene: Scene,
  rng: Rng,
  n: number,
  { types = trainedTypes, negatives = 1 }: TrainQuestionsOptions = {},
): SceneQuestion[] {
  const isAskedNegative = negatives === 1 || rng.chance(negatives);
  const pools = new Map<SceneType, { weight: number; questions: SceneQuestion[] }>();
  for (const question of [...askScene(scene, rng), ...askSteps(scene, rng)]) {
    if (question.type === "counting" && !rng.chance(countedShare[question.answer] ?? 1)) continue;
    if (question.type === "absent" && !rng.chance(absentShare)) continue;
    if (!types.includes(question.type) || (!isAskedNegative && isNegative(question))) continue;
    const pool = pools.get(question.type);
    if (pool) pool.questions.push(question);
    else pools.set(question.type, { weight: weights[question.type] ?? 0, questions: [question] });
  }
  const chosen: SceneQuestion[] = [];
  while (chosen.length < n && pools.size > 0) {
    const types = [...pools.keys()];
    const shares = types.map((name) => pools.get(name)!.weight);
    const type = types[weighted(rng, shares)]!;
    const pool = pools.get(type)!;
    const question = take(pool.questions, type, rng, scene.objects.length > 0 ? 0.55 : 0);
    if (question) chosen.push(question);
    pool.weight *= repeatFactor;
    const asked = chosen.filter((other) => other.type === type).length;
    if (!question || pool.questions.length === 0 || asked === caps[type]) pools.delete(type);
  }
  return chosen;
}

/** True for a question about a thing that is not there. */
function isNegative({ type, answer }: SceneQuestion): boolean {
  return type === "absent" || (type === "existence" && answer === "no");
}

function take(
  questions: SceneQuestion[],
  type: SceneType,
  rng: Rng,
  yesShare: number,
): SceneQuestion | undefined {
  let index = rng.int(questions.length);
  if (type === "existence") {
    const answer = rng.chance(yesShare) ? "yes" : "no";
    const wanted = questions.flatMap((question, i) => (question.answer === answer ? [i] : []));
    if (wanted.length === 0) return undefined;
    index = rng.pick(wanted);
  } else if (type === "counting") {
    index = weighted(
      rng,
      questions.map(({ answer }) => Number(answer) ** 3),
    );
  }
  if (type === "steps") {
    const form = rng.pick([...new Set(questions.map((question) => question.form))]);
    index = rng.pick(questions.flatMap((question, i) => (question.form === form ? [i] : [])));
  }
  return questions.splice(index, 1)[0];
}
