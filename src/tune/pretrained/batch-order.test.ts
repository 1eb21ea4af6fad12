import fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf } from "./batch-order.ts";

const examplesOf = (lengths: readonly number[]) =>
  lengths.map((length, id) => ({ id, ids: new Array<number>(length).fill(1) }));
const ask = fc.record({
  lengths: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 120 }),
  size: fc.integer({ min: 1, max: 9 }),
  byLength: fc.boolean(),
});

test("a batch follows from its number, whatever was asked before, and a round holds every example", () => {
  fc.assert(
    fc.property(ask, ({ lengths, size, byLength }) => {
      const examples = examplesOf(lengths);
      const batches = Math.ceil(lengths.length / size);
      const next = batchesOf(examples, { size, byLength }, 5, "stage");
      const round = Array.from({ length: 2 * batches }, (_, i) => next(i));
      expect(round.every((batch) => batch.length === size)).toBe(true);
      expect(new Set(round.slice(0, batches).flat()).size).toBe(lengths.length);
      const again = batchesOf(examples, { size, byLength }, 5, "stage");
      for (const i of round.keys()) expect(again(round.length - 1 - i)).toEqual(round.at(-1 - i));
    }),
  );
});

test("by length, batches are padded less, come in no order of length, and differ from round to round", () => {
  const examples = examplesOf(Array.from({ length: 400 }, (_, i) => 10 + ((i * 37) % 90)));
  const size = 8;
  const [plain, grouped] = [false, true].map((byLength) => {
    const next = batchesOf(examples, { size, byLength }, 1);
    return Array.from({ length: 100 }, (_, i) => next(i));
  }) as [(typeof examples)[], (typeof examples)[]];
  const longest = (batch: typeof examples) => Math.max(...batch.map(({ ids }) => ids.length));
  const padded = (batches: (typeof examples)[]) =>
    batches.flatMap((batch) => batch.map(({ ids }) => longest(batch) - ids.length)).reduce((a, b) => a + b);
  expect(padded(grouped)).toBeLessThan(0.15 * padded(plain));
  const falls = grouped.slice(1).filter((batch, i) => longest(batch) < longest(grouped[i]!)).length;
  expect(falls).toBeGreaterThan(30);
  expect(falls).toBeLessThan(70);
  const sets = new Set(
    grouped.map((batch) =>
      batch
        .map(({ id }) => id)
        .sort()
        .join(),
    ),
  );
  expect(sets.size).toBeGreaterThan(90);
});
