// A second lying writer, in wordings that the truth filter was not made or corrected on: what it lets through here is what it
// lets through of sentences that it has not seen.
import { createRng } from "../../../util/rng.ts";
import { categories, concepts } from "../../scenes/concepts.ts";
import type { PictureContext, SeenObject } from "../context.ts";
import type { Statement } from "./lying-writer.ts";

const numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven"];

/** A is "a dog", N "dog", S "dogs"; B and M are the other thing's; K a number, C a category. */
const wordings = {
  present: [
    "The picture includes A.",
    "A can be seen somewhere in the image.",
    "Someone placed A in this scene.",
    "Look closely and you will find A.",
    "The scene contains A, drawn in bright colours.",
  ],
  absent: [
    "No N appears in the image.",
    "The picture is without any S.",
    "You will not find A anywhere in it.",
    "There isn't A in the scene.",
  ],
  count: [
    "The image contains K S.",
    "I can count K S.",
    "Altogether, K S are shown.",
    "You will see exactly K S in this drawing.",
  ],
  left: [
    "The N is positioned left of the M.",
    "The N is farther to the left than the M.",
    "The M is to the right of the N.",
    "Looking at the scene, the N stands on the left side of the M.",
  ],
  above: [
    "The N is placed higher than the M.",
    "The M is underneath the N.",
    "The N is above the M in the picture.",
    "Below the N you can see the M.",
  ],
  bigger: [
    "The N takes up more space than the M.",
    "The M is smaller than the N.",
    "The N is larger than the M.",
  ],
  kind: ["The N is a C.", "A N is a type of C.", "The N belongs to the category C."],
};

/** Twelve statements a picture, three in ten of them false. */
export function* writeOtherwise(pictures: readonly PictureContext[], seed: number): Generator<Statement> {
  const rng = createRng("second-writer", seed);
  const concept = (name: string) => concepts.find((known) => known.name === name)!;
  const isThing = ({ label }: SeenObject) => concepts.some(({ name }) => name === label);
  for (const picture of pictures) {
    const things = picture.objects.filter(isThing);
    const names = [...new Set(things.map(({ label }) => label))];
    const countOf = (name: string) => things.filter(({ label }) => label === name).length;
    const single = things.filter(({ label }) => countOf(label) === 1);
    if (names.length === 0) continue;
    const say = (form: keyof typeof wordings, isTrue: boolean, fill: Record<string, string>): Statement => {
      const text = rng.pick(wordings[form]).replace(/\b[ANSBMKC]\b/g, (mark) => fill[mark] ?? mark);
      return { picture, text: text.charAt(0).toUpperCase() + text.slice(1), isTrue };
    };
    const words = (name: string) => {
      const { article, plural } = concept(name);
      return { A: `${article} ${name}`, N: name, S: plural };
    };
    for (let i = 0; i < 12; i++) {
      const isTrue = !rng.chance(0.3);
      const form = rng.pick(["present", "absent", "count", "left", "above", "bigger", "kind"] as const);
      const there = rng.pick(names);
      const missing = rng.pick(concepts.filter(({ name }) => !names.includes(name))).name;
      if (form === "present" || form === "absent") {
        yield say(form, isTrue, words(isTrue === (form === "present") ? there : missing));
      } else if (form === "count") {
        const real = countOf(there);
        const told = isTrue ? real : real + rng.pick(real > 2 ? [-1, 1] : [1, 2]);
        if (told > 1) yield say(form, isTrue, { ...words(there), K: numbers[told]! });
      } else if (form === "kind") {
        const { category } = concept(there);
        const told = isTrue ? category : rng.pick(categories.filter((other) => other !== category));
        yield say(form, isTrue, { ...words(there), C: told });
      } else {
        const pairs = single.flatMap((a) =>
          single.flatMap((b) => (isClear(form, a, b) ? [[a, b] as const] : [])),
        );
        if (pairs.length === 0) continue;
        const [first, second] = rng.pick(pairs);
        const [a, b] = isTrue ? [first, second] : [second, first];
        yield say(form, isTrue, { ...words(a.label), M: b.label });
      }
    }
  }
}

/** True when a is left of, above or bigger than b beyond doubt. */
function isClear(form: "left" | "above" | "bigger", { box: a }: SeenObject, { box: b }: SeenObject): boolean {
  if (form === "left") return (a[0] + a[2]) / 2 < (b[0] + b[2]) / 2 - 0.2;
  if (form === "above") return (a[1] + a[3]) / 2 < (b[1] + b[3]) / 2 - 0.2;
  const area = (box: typeof a) => (box[2] - box[0]) * (box[3] - box[1]);
  return area(a) > 2 * area(b);
}
