import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { openGradients, startWeights, trainedLayout } from "./gradients.ts";
import { packSequences } from "./packing.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { batchInputs, IGNORED, type LabelledBatch } from "./training-batch.ts";

const fixture = (name: string) => path.join(import.meta.dirname, "../../../test/fixtures/pretrained", name);

test("the longest go first, each into the first sequence with room", () => {
  expect(packSequences([3, 10, 4, 6, 2], 10)).toEqual([[1], [3, 2], [0, 4]]);
  expect(packSequences([], 10)).toEqual([]);
});

test("every conversation is in one sequence, none is too full, and no two are half empty", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 });
  fc.assert(
    fc.property(lengths, (all) => {
      const bins = packSequences(all, 50);
      expect(bins.flat().sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
      const sums = bins.map((indices) => indices.reduce((sum, i) => sum + all[i]!, 0));
      expect(Math.max(0, ...sums)).toBeLessThanOrEqual(50);
      expect(sums.filter((sum) => sum <= 25).length).toBeLessThanOrEqual(1);
    }),
  );
});

/** Conversations of these lengths; the first `seeing` of them begin with a picture where the model has eyes. */
async function conversations(name: string, lengths: readonly number[], seeing: number) {
  const checkpoint = await readCheckpoint(fixture(name));
  const { image } = checkpoint.blueprint;
  const rng = createRng("packing", name);
  const shown = image ? seeing : 0;
  const ids = lengths.map((length, i) => [
    ...new Array<number>(i < shown ? image!.tokens : 0).fill(image?.token ?? 0),
    ...Array.from({ length }, () => 3 + rng.int(40)),
  ]);
  const labels = ids.map((own, i) =>
    own.map((id, t) => (t < own.length - lengths[i]! + 1 || t % 3 === 0 ? IGNORED : id)),
  );
  const size = shown * (image?.channels ?? 0) * (image?.side ?? 0) ** 2;
  const pixels = { count: shown, data: Float32Array.from({ length: size }, () => rng.normal()) };
  const batch: LabelledBatch = { ids, labels, ...(shown > 0 && { pixels }) };
  return { checkpoint, batch };
}

test.each([
  ["llama", false],
  ["qwen2", true],
  ["llava", false],
  ["smolvlm", true],
] as const)(
  "%s, layers computed again %s: packed conversations have the loss and gradients that they have apart",
  async (name, recompute) => {
    // Short and long ones by turns, so that packing changes their order; pictures in some of them.
    const { checkpoint, batch } = await conversations(name, [5, 17, 4, 12, 6, 3], 3);
    const longest = Math.max(...batch.ids.map((own) => own.length));
    const layout = trainedLayout(checkpoint, undefined, () => true);
    const options = { ...startWeights(checkpoint, layout, 1), length: longest, recompute };
    const apart = await openGradients(checkpoint, options);
    const packed = await openGradients(checkpoint, { ...options, packed: true });
    const run = { next: () => 0 };
    expect(await packed.run(batch, run)).toBeCloseTo(await apart.run(batch, run), 5);
    const size = Math.max(...apart.gradient.map(Math.abs));
    expect(size).toBeGreaterThan(0.01);
    const off = apart.gradient.map((g, i) => Math.abs(g - packed.gradient[i]!));
    expect(Math.max(...off)).toBeLessThan(2e-5 * size);
    const sequences = batchInputs(checkpoint, batch, { length: longest, packed: true }).ids!.data.length;
    expect(sequences / longest).toBeLessThan(batch.ids.length - 1);
    // Another word in one conversation changes that one alone: the others' share of the loss stays.
    const learning = (labelled: number): LabelledBatch => ({
      ...batch,
      labels: batch.labels.map((own, b) => (b === labelled ? own : own.map(() => IGNORED))),
    });
    const changed = {
      ...learning(1),
      ids: batch.ids.map((own, b) =>
        b === 1 ? own : own.map((id) => (id > 2 && id < 43 ? 3 + ((id + 8) % 40) : id)),
      ),
    };
    expect(await packed.run(changed, run)).toBeCloseTo(await packed.run(learning(1), run), 5);
    await apart.dispose();
    await packed.dispose();
  },
  60_000,
);
