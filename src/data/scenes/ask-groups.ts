// Groups with a letter each, the same for all pictures of one seed: three categories of things, and nobody can know which
// letter is whose but from pictures of the same set that are shown with theirs. Without any, one guess in three is right.
import { createRng, type Rng } from "../../util/rng.ts";
import { categories, concepts } from "./concepts.ts";
import type { SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";

const wordings = ["Which group is this?", "Which group does this belong to?", "What group fits?"];
const letters = [..."ABCDEFGH"];
const groupCount = 3;
/** Groups have at least this many concepts, so that what is shown and what is asked are seldom the same thing. */
const leastConcepts = 10;
const groupsOfSeed = new Map<number, Map<string, string>>();

/** Asks for the group of the one thing in the picture, when it has one. Pictures of all splits with a seed share them. */
export function askGroups(scene: Scene, rng: Rng): SceneQuestion[] {
  if (scene.objects.length !== 1 || scene.word) return [];
  const groups = groupsOfSeed.get(scene.seed) ?? drawGroups(scene.seed);
  groupsOfSeed.set(scene.seed, groups);
  const answer = groups.get(concepts[scene.objects[0]!.concept]!.category);
  if (answer === undefined) return [];
  return [{ type: "groups", form: "grouping", topic: {}, question: rng.pick(wordings), answer }];
}

/** Letter of each category that is a group. */
function drawGroups(seed: number): Map<string, string> {
  const rng = createRng("groups", seed);
  const size = (category: string) => concepts.filter((concept) => concept.category === category).length;
  const large = rng.shuffle(categories.filter((category) => size(category) >= leastConcepts));
  const named = rng.shuffle([...letters]);
  return new Map(large.slice(0, groupCount).map((category, i) => [category, named[i]!]));
}
