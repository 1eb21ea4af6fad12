// Grounding as questions: where a thing is, answered with its box, and which thing a box is around. Boxes are corners
// `[x1, y1, x2, y2]` as shares of the picture's sides, from 0 to 1, with two decimals.
import type { Box } from "../../spec/index.ts";
import type { Rng } from "../../util/rng.ts";
import { covered, formatBox } from "./box.ts";
import { concepts } from "./concepts.ts";
import { countConcepts, fillIn, type SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";

const whereWordings = ["Where is the N?", "Give the box of the N.", "Which box is around the N?"];
const placeWordings = ["What is at B?", "Which object is at B?", "Name the object at B."];
/** A box is asked about when every other thing covers less of it than this, and it less of them. */
const mostOverlap = 0.3;

/** Asks where each thing is that is there once. */
export function askWhere(scene: Scene, rng: Rng): SceneQuestion[] {
  return [...countConcepts(scene)].flatMap(([one, count]): SceneQuestion[] => {
    if (count !== 1) return [];
    const { box } = scene.objects.find(({ concept }) => concept === one)!;
    const topic = { one };
    const question = fillIn(rng.pick(whereWordings), topic);
    return [{ type: "where", form: "where", topic, question, answer: formatBox(box, scene.size), box }];
  });
}

/** Asks which thing is in the box of each. */
export function askPlace(scene: Scene, rng: Rng): SceneQuestion[] {
  return scene.objects.flatMap(({ concept, box }, i): SceneQuestion[] => {
    const isClear = scene.objects.every(
      (other, j) =>
        j === i || (covered(box, other.box) < mostOverlap && covered(other.box, box) < mostOverlap),
    );
    if (!isClear) return [];
    const text = formatBox(box, scene.size);
    const question = rng.pick(placeWordings).replace("B", text);
    const program: SceneQuestion["program"] = [
      { op: "at", box: JSON.parse(text) as Box },
      { op: "name", of: 0 },
    ];
    return [
      {
        type: "place",
        form: "place",
        topic: { one: concept },
        question,
        answer: concepts[concept]!.name,
        box,
        program,
      },
    ];
  });
}
