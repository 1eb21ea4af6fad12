import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { writeAdapter } from "../adapter-files.ts";
import type { LoraConfig } from "../lora.ts";
import { openLoraTraining } from "./lora-training.ts";
import { loadPretrained, type PretrainedModel } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { IGNORED, type LabelledBatch } from "./training-batch.ts";

const fixture = (name: string) => path.join(import.meta.dirname, "../../../test/fixtures/pretrained", name);
const lora: LoraConfig = {
  rank: 4,
  alpha: 8,
  dropout: 0,
  targets: ["*.q_proj", "*.v_proj", "*.mlp.*"],
  rsLora: false,
};
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-lora-"));
});
afterAll(() => rm(dir, { recursive: true }));

/** Two sequences of different lengths; the answer is the last tokens. */
const words: LabelledBatch = {
  ids: [
    [1, 20, 21, 22, 40, 41],
    [1, 30, 31, 50],
  ],
  labels: [
    [IGNORED, IGNORED, IGNORED, IGNORED, 40, 41],
    [IGNORED, IGNORED, IGNORED, 50],
  ],
};

/** Mean cross-entropy of the labelled tokens, from a model's logits. */
async function lossOf(model: PretrainedModel, { ids, labels, pixels }: LabelledBatch): Promise<number> {
  let [sum, count] = [0, 0];
  for (const [b, sequence] of ids.entries()) {
    const one = pixels && { data: pixels.data.subarray(b * 768, (b + 1) * 768), count: 1 };
    const { data, dims } = await model.logits(sequence, one);
    for (let t = 1; t < sequence.length; t++) {
      if (labels[b]![t] === IGNORED) continue;
      const row = data.subarray((t - 1) * dims[1], t * dims[1]);
      const total = row.reduce((s, logit) => s + Math.exp(logit), 0);
      sum += Math.log(total) - row[labels[b]![t]!]!;
      count++;
    }
  }
  return sum / count;
}

test("the loss on a fixed batch falls, and the adapter that was written gives the loss that training ended with", async () => {
  const checkpoint = await readCheckpoint(fixture("llama"));
  const training = await openLoraTraining(checkpoint, { lora, length: 8, learningRate: 0.02 });
  // Per layer: q 32x4 + 4x48, v 32x4 + 4x24, gate and up 32x4 + 4x48, down 48x4 + 4x32.
  expect(training.size).toBe(2 * (320 + 224 + 320 + 320 + 320));
  const base = await loadPretrained(checkpoint.dir);
  const before = await lossOf(base, words);
  await base.dispose();
  const first = await training.step(words);
  expect(first).toBeCloseTo(before, 4);
  for (let i = 0; i < 30; i++) await training.step(words);
  await writeAdapter(dir, training.adapter(), "llama");
  const last = await training.step(words);
  expect(last).toBeLessThan(0.1 * first);
  await training.dispose();
  const adapted = await loadPretrained(checkpoint.dir, { adapter: dir });
  expect(await lossOf(adapted, words)).toBeCloseTo(last, 4);
  expect(await adapted.generate([1, 20, 21, 22], { maxTokens: 2 })).toEqual([40, 41]);
  await adapted.dispose();
});

test("a model with eyes learns two answers that only its pictures tell apart, decoder and tower adapted with dropout", async () => {
  const checkpoint = await readCheckpoint(fixture("smolvlm"));
  const rng = createRng("lora-training");
  const picture = [1, 95, 95, 95, 95, 20];
  const batch: LabelledBatch = {
    ids: [
      [...picture, 40],
      [...picture, 50],
    ],
    labels: [40, 50].map((answer) => [...picture.map(() => IGNORED), answer]),
    pixels: { data: Float32Array.from({ length: 2 * 768 }, () => rng.normal()), count: 2 },
  };
  const targets = ["model.text_model.*", "model.vision_model.*.fc1", "model.connector.*"];
  const options = { lora: { ...lora, targets, dropout: 0.1 }, length: 7, learningRate: 0.02 };
  const training = await openLoraTraining(checkpoint, options);
  const first = await training.step(batch);
  for (let i = 0; i < 40; i++) await training.step(batch);
  await training.dispose();
  const adapted = await loadPretrained(checkpoint.dir, { adapter: training.adapter() });
  expect(await lossOf(adapted, batch)).toBeLessThan(0.1 * first);
  for (const [b, answer] of [40, 50].entries()) {
    const pixels = { data: batch.pixels!.data.subarray(b * 768, (b + 1) * 768), count: 1 };
    expect(await adapted.generate(picture, { pixels, maxTokens: 1 })).toEqual([answer]);
  }
  await adapted.dispose();
});

test("the same seed gives the same adapter, dropout included", async () => {
  const checkpoint = await readCheckpoint(fixture("qwen2"));
  const adapterOf = async (seed: number) => {
    const training = await openLoraTraining(checkpoint, { lora: { ...lora, dropout: 0.5 }, length: 6, seed });
    for (let i = 0; i < 3; i++) await training.step(words);
    await training.dispose();
    return training.adapter().weights;
  };
  const weights = await adapterOf(1);
  expect(await adapterOf(1)).toEqual(weights);
  expect(await adapterOf(2)).not.toEqual(weights);
});

test("a model with eyes learns from words alone, and its tower from pictures only", async () => {
  const checkpoint = await readCheckpoint(fixture("smolvlm"));
  const targets = ["model.text_model.*", "model.vision_model.*"];
  const training = await openLoraTraining(checkpoint, {
    lora: { ...lora, targets },
    length: 8,
    learningRate: 0.02,
  });
  const first = await training.step(words);
  for (let i = 0; i < 30; i++) await training.step(words);
  expect(await training.step(words)).toBeLessThan(0.1 * first);
  const ups = [...training.adapter().weights].filter(([name]) => name.endsWith("B"));
  const moved = (part: string) =>
    ups.filter(([name]) => name.includes(part)).map(([, up]) => up.some((u) => u !== 0));
  expect(moved("text_model")).not.toContain(false);
  expect(moved("vision_model")).not.toContain(true);
  await training.dispose();
});

test("targets, batches and adapters that do not fit are refused", async () => {
  const checkpoint = await readCheckpoint(fixture("smolvlm"));
  const where = checkpoint.dir;
  const open = (targets: string[], length = 7) =>
    openLoraTraining(checkpoint, { lora: { ...lora, targets }, length });
  await expect(open(["*.q_proj", "q_proj"])).rejects.toThrow(
    `${where}: every LoRA target must fit a linear layer, got "q_proj". Its linear layers are *.q_proj, *.k_proj, *.v_proj, *.out_proj, *.fc1, *.fc2, *.proj, *.o_proj, *.gate_proj, *.up_proj, *.down_proj.`,
  );
  await expect(open(["*.q_proj"], 65)).rejects.toThrow("length must be 2 to 64 tokens, got 65.");
  const training = await open(["*.q_proj"]);
  const pixels = { data: new Float32Array(768), count: 1 };
  const ids = [[95, 95, 95, 95, 7]];
  const bad: [LabelledBatch, string][] = [
    [{ ids: [[96]], labels: [[96]] }, "tokens must be 0 to 95, got 96."],
    [{ ids, labels: ids }, "the pictures' 0 vectors must each have a place (token 95), got 4 places."],
    [
      { ids, labels: ids, pixels: { ...pixels, count: 2 } },
      "2 pictures must be [2, 3, 16, 16], got 768 numbers.",
    ],
    [
      { ids, labels: [[7]], pixels },
      "a sequence must have at most 7 tokens and as many labels, got 5 and 1.",
    ],
    [{ ids, labels: [[1, 1, 1, 1, 1.5]], pixels }, "labels must be -100 or 0 to 95, got 1.5."],
    [
      { ids, labels: [[7, ...new Array(4).fill(IGNORED)]], pixels },
      "a batch must label a token behind the first",
    ],
    [{ ids: [[...ids[0]!, 1, 1, 1]], labels: ids, pixels }, "a sequence must have at most 7 tokens"],
  ];
  for (const [batch, message] of bad) await expect(training.step(batch)).rejects.toThrow(message);
  await training.dispose();
  const { weights } = training.adapter();
  const elsewhere = { lora: { ...lora, targets: ["model.vision_model.*"] }, weights };
  await expect(loadPretrained(fixture("qwen2"), { adapter: elsewhere })).rejects.toThrow(
    "every layer that the adapter adapts must be one of the checkpoint's linear layers, got \"model.vision_model.",
  );
  const [name] = [...weights.keys()];
  const cut = {
    lora: { ...lora, targets: ["*.q_proj"] },
    weights: new Map(weights).set(name!, new Float32Array(5)),
  };
  await expect(loadPretrained(fixture("smolvlm"), { adapter: cut })).rejects.toThrow(
    `the adapter's "${name}" must be [24,4], got 5 numbers.`,
  );
});
