import { expect, test } from "vitest";
import { sceneSamples } from "../scenes/index.ts";
import { type PictureContext, pictureContexts } from "./context.ts";
import { writeStatements } from "./testing/lying-writer.ts";
import { writeOtherwise } from "./testing/second-writer.ts";
import { answerUntruth, untruth } from "./truth.ts";
import { createVocabulary } from "./vocabulary.ts";

const { pictures } = pictureContexts(await sceneSamples({ split: "val", count: 200 }));
const vocabulary = createVocabulary(pictures.flatMap(({ objects }) => objects.map(({ label }) => label)));
// The filter was corrected after the first writer's wordings had been seen; it has never been changed for the second's.
const writers = [writeStatements, writeOtherwise];

test.each(writers.flatMap((write) => [1, 2, 3, 4, 5].map((seed) => ({ name: write.name, write, seed }))))(
  "of a writer that lies three times in ten, at most one in twenty is false: $name, seed $seed",
  ({ write, seed }) => {
    const count = { true: 0, false: 0, keptTrue: 0, keptFalse: 0 };
    for (const { picture, text, question, isTrue } of write(pictures, seed)) {
      const reason = question
        ? answerUntruth({ question, answer: text }, picture, vocabulary)
        : untruth(text, picture, vocabulary);
      count[isTrue ? "true" : "false"]++;
      if (!reason) count[isTrue ? "keptTrue" : "keptFalse"]++;
    }
    expect(count.true + count.false).toBeGreaterThan(500);
    expect(count.false / (count.true + count.false)).toBeGreaterThan(0.25);
    expect(count.keptFalse / (count.keptTrue + count.keptFalse)).toBeLessThanOrEqual(0.05);
    expect(count.keptTrue / count.true).toBeGreaterThanOrEqual(0.8);
  },
);

const street: PictureContext = {
  id: "street",
  image: { type: "image", source: "street.jpg", width: 640, height: 480 },
  captions: [],
  objects: [
    { label: "person", box: [0.1, 0.3, 0.2, 0.8] },
    { label: "person", box: [0.25, 0.3, 0.35, 0.8] },
    { label: "traffic light", box: [0.7, 0.1, 0.75, 0.2] },
    { label: "bus", box: [0.5, 0.3, 0.95, 0.9] },
  ],
};

test.each([
  ["Two people stand to the left of the bus.", undefined],
  ["Three people are waiting.", "2 of person in the picture"],
  ["A traffic light hangs above the bus.", undefined],
  ["The bus is above the traffic light.", "above does not hold"],
  ["There is no dog here.", undefined],
  ["A dog runs by.", "0 of dog in the picture"],
  ["A bus is a kind of vehicle.", undefined],
  ["A bus is a kind of animal.", "bus and animal do not fit"],
  ["It feels like a calm morning.", undefined],
])("an annotated photograph: %s", (text, reason) => {
  const found = untruth(text, street, createVocabulary([]));
  expect(found?.replace(/: ".*"$/, "")).toBe(reason);
});
