// What is asked about pictures full of things: the usual, and what kind of thing stands beside another.
import type { Rng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { askScene, fillIn, type SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { kindBesideWordings } from "./wordings.ts";

/** Lists one instance of every question about a crowd that is certain, wordings drawn at random. */
export function askCrowd(scene: Scene, rng: Rng): SceneQuestion[] {
  const questions = askScene(scene, rng);
  const kinds = questions.flatMap(({ type, topic, answer }): SceneQuestion[] => {
    if (type !== "position") return [];
    const { category } = concepts.find(({ name }) => name === answer)!;
    const question = fillIn(rng.pick(kindBesideWordings), topic);
    return [{ type: "category", form: "kind-beside", topic, question, answer: category }];
  });
  return [...questions, ...kinds];
}
