import fc from "fast-check";
import { expect, test } from "vitest";
import { checkCount, createVectorIndex, topPositions } from "./vector-index.ts";

test("scores are cosines, whatever the vectors' lengths; a missing one is 0", () => {
  const index = createVectorIndex([Float32Array.of(3, 4, 0, 0, 0), null, Float32Array.of(0, 0, 0, 0, 2)], 5);
  expect([...index.scores(Float32Array.of(10, 0, 0, 0, 0))]).toEqual([expect.closeTo(0.6, 6), 0, 0]);
  expect(index.scores(Float32Array.of(0, 0, 0, 0, 1))[2]).toBeCloseTo(1, 6);
  expect(index.between(0, 0)).toBeCloseTo(1, 6);
});

test("the top positions are those of a full sort, ties in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 600 }),
      fc.integer({ min: 0, max: 40 }),
      (scores, n) => {
        const sorted = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
        expect(topPositions(scores, n)).toEqual(sorted.slice(0, n));
      },
    ),
  );
});

test("another number of dimensions and too many vectors are refused", () => {
  const index = createVectorIndex([Float32Array.of(1, 0)], 2);
  expect(() => index.scores(Float32Array.of(1, 0, 0))).toThrow("vectors must have 2 numbers");
  expect(() => createVectorIndex([Float32Array.of(1)], 2)).toThrow("vectors must have 2 numbers");
  expect(() => checkCount(100_001)).toThrow(
    "demonstrations: may be at most 100,000, since every search looks at all of them, got 100,001. Choose a part of the dataset.",
  );
});
