// One suite for all selectors, and what each promises beyond it.
import { describe, expect, test } from "vitest";
import type { Sample } from "../../spec/index.ts";
import { createExclusion } from "../exclude.ts";
import type { DemonstrationPool } from "../pool.ts";
import type { SelectionTask, Selector } from "../selector.ts";
import { patternPicture, testPool, testSample } from "../testing.ts";
import {
  balanced,
  diverse,
  fixed,
  imageSimilarity,
  learned,
  mixed,
  random,
  textSimilarity,
} from "./index.ts";

const angle = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const samples = Array.from({ length: 12 }, (_, i) => testSample(i, { response: i % 3 === 0 ? "yes" : "no" }));
const pool = testPool(samples, {
  vectors: samples.map((_, i) => angle(i * 7)),
  question: { text: angle(60), image: angle(20) },
});
const query = { id: "q", group: "g", question: "What is it?", imageIds: [] as string[] };
const pictures = [await patternPicture(99)];

function task(fields: Partial<SelectionTask> & { pool?: DemonstrationPool } = {}): SelectionTask {
  const merged = { pool, query, pictures, k: 4, seed: 1, ...fields };
  return { ...merged, isAllowed: createExclusion(merged.pool, merged.query, merged.pictures) };
}
const ids = async (selector: Selector, fields: Parameters<typeof task>[0] = {}) =>
  (await selector.select(task(fields))).map(({ at }) => (fields.pool ?? pool).samples[at]!.id);

describe.each([
  fixed(),
  random(),
  textSimilarity(),
  imageSimilarity(),
  mixed(),
  diverse(),
  diverse({ by: "mixed" }),
  balanced(),
  // As many as the suite ever asks for.
  learned({
    ids: samples.map(({ id }) => id).reverse(),
    ...{ sets: 3, searched: 10, confirmed: 10, gain: 0.1, p: 0.5, calls: 50 },
  }),
])("$name $options", (selector) => {
  test("gives k different demonstrations, the same ones again for the same task", async () => {
    const first = await ids(selector);
    expect(new Set(first).size).toBe(4);
    expect(await ids(selector)).toEqual(first);
    expect((await ids(selector, { k: 0 })).length).toBe(0);
  });

  test("fewer are the first of more", async () => {
    const many = await ids(selector, { k: 6 });
    expect(await ids(selector, { k: 2 })).toEqual(many.slice(0, 2));
  });

  test("never gives the question itself, its picture or its near-duplicate", async () => {
    const itself = await ids(selector, { query: { ...query, id: "d3" }, k: 12 });
    expect(itself.toSorted()).toEqual(
      samples
        .map(({ id }) => id)
        .filter((id) => id !== "d3")
        .toSorted(),
    );
    const same = [await patternPicture(5)];
    expect(await ids(selector, { pictures: same, k: 12 })).not.toContain("d5");
    const hash = (await pool.hashes(7))[0]!.hash;
    expect(await ids(selector, { query: { ...query, imageIds: [hash] }, k: 12 })).not.toContain("d7");
  });

  test("chooses the same whatever the answers of the question's own group say", async () => {
    const before = await ids(selector, { query: { ...query, group: "d2" } });
    expect(before).not.toContain("d2");
  });

  test("says by its name and options how it chose", () => {
    expect(selector.name).toMatch(/^[a-z]+$/);
    expect(JSON.parse(JSON.stringify(selector.options))).toEqual(selector.options);
  });

  test("a stable selector gives other questions of the kind the same", async () => {
    if (!selector.isStable) return;
    expect(await ids(selector, { query: { ...query, id: "other", question: "Why?" } })).toEqual(
      await ids(selector),
    );
  });
});

test("learned shows its own set in its order, and says when a demonstration of it is gone", async () => {
  const how = { sets: 3, searched: 10, confirmed: 10, gain: 0.1, p: 0.5, calls: 50 };
  expect(await ids(learned({ ids: ["d7", "d2", "d9"], ...how }), { k: 2 })).toEqual(["d7", "d2"]);
  await expect(ids(learned({ ids: ["gone"], ...how }))).rejects.toThrow(
    'select=learned: ids must be of the demonstrations, got "gone"',
  );
});

test("fixed takes the first, or those that are named", async () => {
  expect(await ids(fixed())).toEqual(["d0", "d1", "d2", "d3"]);
  expect(await ids(fixed({ ids: ["d9", "d2"] }))).toEqual(["d9", "d2"]);
  await expect(ids(fixed({ ids: ["nope"] }))).rejects.toThrow(
    'select=fixed: ids must be of the demonstrations, got "nope".',
  );
});

test("random depends on question and seed, and draws all alike", async () => {
  const drawn = await Promise.all(
    Array.from({ length: 300 }, (_, i) => ids(random(), { query: { ...query, id: `q${i}` }, k: 3 })),
  );
  const counts = samples.map(({ id }) => drawn.flat().filter((other) => other === id).length);
  // 75 expected each, standard deviation 7.5.
  for (const count of counts) expect(Math.abs(count - 75)).toBeLessThan(38);
  expect(await ids(random(), { seed: 2 })).not.toEqual(await ids(random(), { seed: 1 }));
});

test("image and text similarity give the nearest, with their cosines", async () => {
  // Pictures lie at 0, 7, 14, 21, … degrees and the question's at 20; texts are mirrored at 45 degrees.
  expect(await ids(imageSimilarity())).toEqual(["d3", "d2", "d4", "d1"]);
  expect((await imageSimilarity().select(task({ k: 1 })))[0]!.score).toBeCloseTo(Math.cos(Math.PI / 180), 5);
  expect(await ids(textSimilarity())).toEqual(["d4", "d5", "d3", "d6"]);
  expect(await ids(imageSimilarity(), { pictures: [] })).toEqual(await ids(textSimilarity()));
});

test("mixed stands between picture and words", async () => {
  expect(await ids(mixed({ imageWeight: 1 }))).toEqual(await ids(imageSimilarity()));
  expect(await ids(mixed({ imageWeight: 0 }))).toEqual(await ids(textSimilarity()));
  expect(() => mixed({ imageWeight: 2 })).toThrow("select=mixed: imageWeight must be from 0 to 1, got 2.");
});

test("diverse passes over what repeats a chosen one", async () => {
  const twins = testPool(
    [0, 1, 2, 3].map((i) => testSample(i)),
    { vectors: [angle(0), angle(1), angle(2), angle(50)], question: { text: angle(0), image: angle(0) } },
  );
  expect(await ids(diverse({ relevance: 1 }), { pool: twins, k: 2 })).toEqual(["d0", "d1"]);
  expect(await ids(diverse({ relevance: 0.4 }), { pool: twins, k: 2 })).toEqual(["d0", "d3"]);
});

test("balanced shows each answer as often as any other, of the question's kind first", async () => {
  const kinds: Sample[] = samples.map((sample, i) => (i < 9 ? { ...sample, answerType: "yes-no" } : sample));
  const mixedPool = testPool(kinds);
  const shown = await balanced().select(
    task({ pool: mixedPool, query: { ...query, answerType: "yes-no" } as never }),
  );
  const answers = shown.map(({ at }) => kinds[at]!.response);
  expect(answers).toEqual(["no", "yes", "no", "yes"]);
  expect(shown.every(({ at }) => kinds[at]!.answerType === "yes-no")).toBe(true);
});
