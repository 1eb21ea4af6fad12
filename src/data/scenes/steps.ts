// Questions that take several steps: find two things and add, list a kind and count, look past a thing and count. They are
// asked beside the nine standard types; as those, only where the answer is certain.
import type { Rng } from "../../util/rng.ts";
import { concepts } from "./concepts.ts";
import { offset, viewOf } from "./program.ts";
import { countConcepts, fillIn, type QuestionTopic, type SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { type Direction, directions, type StepsForm, stepsWordings } from "./wordings.ts";

/** A thing is farther left than another from this many pixels on. */
const minOffset = 8;
/** Categories that one does not count: "three fruits", "two natures". */
const massNouns = new Set(["fruit", "food", "clothing", "nature"]);

/** Lists one instance of every question of several steps that the scene supports, wordings drawn at random. */
export function askSteps(scene: Scene, rng: Rng): SceneQuestion[] {
  const questions: SceneQuestion[] = [];
  const counts = countConcepts(scene);
  const present = [...counts.keys()];
  if (scene.objects.length < 2) return questions;
  const ask = (form: StepsForm, topic: QuestionTopic, answer: number) =>
    questions.push({
      type: "steps",
      form,
      topic,
      question: fillIn(rng.pick(stepsWordings[form]), topic),
      answer: String(answer),
    });
  ask("all", {}, scene.objects.length);
  const kinds = new Map<string, number>();
  for (const { concept } of scene.objects) {
    const { category } = concepts[concept]!;
    kinds.set(category, (kinds.get(category) ?? 0) + 1);
  }
  for (const [category, count] of kinds) if (!massNouns.has(category)) ask("kind", { category }, count);
  for (const one of present)
    for (const other of present) {
      const [a, b] = [counts.get(one)!, counts.get(other)!];
      if (one !== other && a > b) ask("difference", { one, other }, a - b);
      if (one < other) ask("total", rng.chance(0.5) ? { one, other } : { one: other, other: one }, a + b);
    }
  const { things } = viewOf(scene);
  for (const [i, { concept }] of scene.objects.entries()) {
    if (counts.get(concept) !== 1) continue;
    for (const direction of Object.keys(directions) as Direction[]) {
      const offsets = things.flatMap((thing, j) => (j === i ? [] : [offset(things[i]!, thing, direction)]));
      const beyond = offsets.filter((pixels) => pixels > 0).length;
      const clear = offsets.every((pixels) => Math.abs(pixels) >= minOffset);
      if (clear && beyond > 0) ask("farther", { one: concept, direction }, beyond);
    }
  }
  return questions;
}
