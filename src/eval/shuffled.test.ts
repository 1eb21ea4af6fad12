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

test("every question gets another picture, the same every time", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 30 }),
      fc.nat(),
      (pictures, seed) => {
        fc.pre(new Set(pictures).size > 1);
        const samples = pictures.map((picture, i) => sample(`q${i}`, `p${picture}`));
        const partners = wrongPictures(samples, seed);
        expect(partners).toEqual(wrongPictures(samples, seed));
        for (const { id, group } of samples) expect(partners.get(id)!.group).not.toBe(group);
      },
    ),
  );
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
