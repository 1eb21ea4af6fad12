// A scripted writer for tests: statements about pictures, 30% of them false, in wordings of its own.
import { createRng } from "../../../util/rng.ts";
import { concepts } from "../../scenes/concepts.ts";
import type { PictureContext, SeenObject } from "../context.ts";

export interface Statement {
  picture: PictureContext;
  question?: string;
  text: string;
  isTrue: boolean;
}

const numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const wordings = {
  present: [
    "You can make out A here.",
    "Among the things on show is A.",
    "I spot A.",
    "A appears somewhere in the scene.",
    "Someone has put A into this picture.",
    "The viewer's eye soon finds A.",
  ],
  absent: [
    "Nowhere does the picture show A.",
    "Not a single N is to be found.",
    "The scene has no N in it.",
    "There isn't A anywhere.",
    "It contains no Ns.",
    "Any N is absent from the scene.",
  ],
  count: [
    "The Ns come to # in all.",
    "In total, # Ns are visible.",
    "One counts # Ns.",
    "The picture features # Ns.",
    "Ns: #.",
    "Altogether there are exactly # of the Ns.",
  ],
  left: [
    "The X lies on the left-hand side of the Y.",
    "Left of the Y sits the X.",
    "You will find the X further left than the Y.",
    "The Y has the X to its left.",
    "Compared with the Y, the X is farther to the left.",
    "To the left of the Y one sees the X.",
  ],
  above: [
    "The X floats higher than the Y.",
    "Over the Y there is the X.",
    "The X is placed above the Y.",
    "The Y has the X above it.",
    "Higher up than the Y is the X.",
  ],
  bigger: [
    "The X is drawn larger than the Y.",
    "The X takes up more room than the Y.",
    "Of the X and the Y, the X is the bigger one.",
    "The Y looks smaller than the X.",
    "In size the X exceeds the Y.",
    "The X dwarfs the Y.",
  ],
  kind: [
    "The X counts as a K.",
    "The X belongs to the class K.",
    "As for what it is, the X is a kind of K.",
    "One would file the X under K.",
  ],
};
const questions = {
  present: ["Does A show up here?", "Could one find A in this scene?", "Has the picture got A?"],
  count: ["What number of Ns does the scene hold?", "How many Ns do you make out?"],
  left: ["Does the X stand to the left of the Y?", "Is the X further left than the Y?"],
};

/** Makes up to a dozen statements about each picture. */
export function* writeStatements(pictures: readonly PictureContext[], seed: number): Generator<Statement> {
  const rng = createRng("lying-writer", seed);
  const isThing = ({ label }: SeenObject) => concepts.some(({ name }) => name === label);
  for (const picture of pictures) {
    const things = picture.objects.filter(isThing);
    if (things.length === 0) continue;
    const names = [...new Set(things.map(({ label }) => label))];
    const missing = concepts.filter(({ name }) => !names.includes(name));
    const single = names.filter((name) => things.filter(({ label }) => label === name).length === 1);
    for (let i = 0; i < 12; i++) {
      const isTrue = !rng.chance(0.3);
      const form = rng.pick(["present", "absent", "count", "left", "above", "bigger", "kind"] as const);
      const isAsked = form in questions && rng.chance(0.3);
      const hereName = rng.pick(names);
      const here = concepts.find(({ name }) => name === hereName)!;
      const gone = rng.pick(missing);
      const fill = (pattern: string, words: Record<string, string>) =>
        pattern
          .replace(/\b(?:A|N|Ns|X|Y|K)\b|#/g, (key) => words[key] ?? key)
          .replace(/^./, (c) => c.toUpperCase());
      const wordsOf = ({ name, plural, article }: typeof here) => ({
        A: `${article} ${name}`,
        N: name,
        Ns: plural,
      });
      if (form === "present" || form === "absent") {
        const isThere = (form === "present") === isTrue;
        if (isAsked) {
          const asked = rng.chance(0.5) ? here : gone;
          const says = (asked === here) === isTrue ? "Yes." : "No.";
          yield { picture, question: fill(rng.pick(questions.present), wordsOf(asked)), text: says, isTrue };
        } else
          yield { picture, text: fill(rng.pick(wordings[form]), wordsOf(isThere ? here : gone)), isTrue };
      } else if (form === "count") {
        const there = things.filter(({ label }) => label === here.name).length;
        const said = isTrue ? there : there + rng.pick(there > 1 ? [-1, 1, 2] : [1, 2]);
        const number = rng.chance(0.3) ? `${said}` : (numbers[said] ?? `${said}`);
        if (isAsked)
          yield {
            picture,
            question: fill(rng.pick(questions.count), wordsOf(here)),
            text: `${number}.`,
            isTrue,
          };
        else
          yield { picture, text: fill(rng.pick(wordings.count), { ...wordsOf(here), "#": number }), isTrue };
      } else if (form === "kind") {
        const other = rng.pick(concepts.filter(({ category }) => category !== here.category)).category;
        yield {
          picture,
          text: fill(rng.pick(wordings.kind), { X: here.name, K: isTrue ? here.category : other }),
          isTrue,
        };
      } else {
        if (single.length < 2) continue;
        const [a, b] = rng.shuffle([...single]);
        const [first, second] = [a, b].map((name) => things.find(({ label }) => label === name)!) as [
          SeenObject,
          SeenObject,
        ];
        const measure = ({ box: [x1, y1, x2, y2] }: SeenObject) =>
          form === "left"
            ? -(x1 + x2) / 2
            : form === "above"
              ? -(y1 + y2) / 2
              : Math.log((x2 - x1) * (y2 - y1));
        const difference = measure(first) - measure(second);
        if (Math.abs(difference) < (form === "bigger" ? 0.2 : 0.05)) continue;
        const [x, y] = difference > 0 === isTrue ? [first, second] : [second, first];
        const words = { X: x.label, Y: y.label };
        if (isAsked && form === "left") {
          const says = rng.chance(0.5);
          const [p, q] = says ? [x, y] : [y, x];
          yield {
            picture,
            question: fill(rng.pick(questions.left), { X: p.label, Y: q.label }),
            text: says ? "Yes." : "No.",
            isTrue,
          };
        } else yield { picture, text: fill(rng.pick(wordings[form]), words), isTrue };
      }
    }
  }
}
