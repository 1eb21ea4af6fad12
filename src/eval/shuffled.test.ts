import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sample } from "../spec/index.ts";
import type { Column } from "./column.ts";
import { shuffledColumn, wrongPictures } from "./shuffled.ts";

const sample = (id: string, picture: string): Sample => ({
  ...{ id, instruction: "?", response: "yes", group: picture },
  input: [
    { type: "text", text: `text of ${id}` },
    { type: "image", source: `${picture}.png` },
  ],
});

test("every question gets another picture, the same every time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 30 }),
      fc.nat(),
      async (pictures, seed) => {
        fc.pre(new Set(pictures).size > 1);
        const samples = pictures.map((picture, i) => sample(`q${i}`, `p${picture}`));
        const [wrong, again] = [wrongPictures(samples, seed), wrongPictures(samples, seed)];
        for (const { id, group } of samples) {
          const [image] = await wrong({ id, picture: group! });
          expect(image!.source).not.toBe(`${group}.png`);
          expect(await again({ id, picture: group! })).toEqual([image]);
        }
      },
    ),
  );
});

test("of a large dataset some give their pictures to all, and a question of one picture gets none", async () => {
  const samples = Array.from({ length: 60 }, (_, i) => sample(`q${i}`, `p${i}`));
  const wrong = wrongPictures(samples, 1, 7);
  const given: string[] = [];
  for (const { id, group } of samples) {
    const [image] = await wrong({ id, picture: group! });
    expect(image!.source).not.toBe(`${group}.png`);
    given.push(image!.source);
  }
  expect(new Set(given).size).toBe(7);
  const same = wrongPictures([sample("a", "p"), sample("b", "p")], 0);
  expect(await same({ id: "a", picture: "p" })).toEqual([]);
});

test("the column asks its own words about the other picture", async () => {
  const asked: Sample[] = [];
  const column: Column = {
    ...{ name: "tiny/direct", model: "tiny", technique: "direct", concurrency: 1 },
    answer: async (given) => {
      asked.push(given);
      return { text: "yes" };
    },
  };
  const samples = [sample("a", "p1"), sample("b", "p2")];
  const shuffled = shuffledColumn(column, samples, 0);
  expect([shuffled.name, shuffled.technique]).toEqual(["tiny/shuffled", "shuffled direct"]);
  await shuffled.answer(samples[0]!);
  expect(asked[0]).toEqual({
    ...samples[0],
    input: [
      { type: "text", text: "text of a" },
      { type: "image", source: "p2.png" },
    ],
  });
});
