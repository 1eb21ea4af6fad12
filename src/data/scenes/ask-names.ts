// Made-up names for the things of this world, the same for all pictures of one seed: nobody can know them but from
// pictures of the same set that are shown with their names.
import { createRng, type Rng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { drawMadeUpName } from "./made-up-names.ts";
import type { SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";

const wordings = ["What is this called?", "Which name fits?"];
const namesOfSeed = new Map<number, string[]>();

/** Asks for the made-up name of the one thing in the picture. Pictures of all splits with a seed share the names. */
export function askNames(scene: Scene, rng: Rng): SceneQuestion[] {
  if (scene.objects.length !== 1 || scene.word) return [];
  const names = namesOfSeed.get(scene.seed) ?? drawNames(scene.seed);
  namesOfSeed.set(scene.seed, names);
  const answer = names[scene.objects[0]!.concept]!;
  return [{ type: "names", form: "naming", topic: {}, question: rng.pick(wordings), answer }];
}

function drawNames(seed: number): string[] {
  const rng = createRng("made-up-names", seed);
  const names = new Set<string>();
  while (names.size < concepts.length) names.add(drawMadeUpName("test", rng));
  return [...names];
}
