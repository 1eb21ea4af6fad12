import path from "node:path";
import { expect, test } from "vitest";
import { openGradients, startWeights, trainedLayout } from "./gradients.ts";
import { bucketLengths, openBuckets } from "./length-buckets.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { IGNORED } from "./training-batch.ts";

const llama = path.join(import.meta.dirname, "../../../test/fixtures/pretrained/llama");

test("buckets end with the longest, and are no shorter than a sequence can be", () => {
  expect(bucketLengths(40)).toEqual([10, 20, 30, 40]);
  expect(bucketLengths(41)).toEqual([11, 21, 31, 41]);
  expect(bucketLengths(2)).toEqual([2]);
});

test("a batch in a short bucket has the loss and the gradients that it has among the padding of the longest", async () => {
  const checkpoint = await readCheckpoint(llama);
  const layout = trainedLayout(checkpoint, undefined, () => true);
  const options = { ...startWeights(checkpoint, layout, 1), length: 24 };
  const [whole, buckets] = [await openGradients(checkpoint, options), openBuckets(checkpoint, options)];
  // One for each bucket, and the shortest once more: its graph has stayed open.
  for (const length of [5, 11, 17, 24, 6]) {
    const ids = [length, Math.ceil(length / 2)].map((n) =>
      Array.from({ length: n }, (_, t) => (7 * t + n) % 60),
    );
    const labels = ids.map((sequence) => sequence.map((id, t) => (t % 3 === 0 ? IGNORED : id)));
    const told = [whole, buckets].map((session) => session.run({ ids, labels }, { next: () => 0 }));
    const [a, b] = (await Promise.all(told)) as [number, number];
    expect(b).toBeCloseTo(a, 5);
    const size = Math.max(...whole.gradient.map(Math.abs));
    expect(size).toBeGreaterThan(0.01);
    const apart = Math.max(...whole.gradient.map((g, i) => Math.abs(g - buckets.gradient[i]!)));
    expect(apart).toBeLessThan(1e-5 * size);
  }
  await whole.dispose();
  await buckets.dispose();
}, 60_000);
