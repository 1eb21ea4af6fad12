import { expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import type { PictureSet } from "../data/picture-questions.ts";
import { createRng } from "../util/rng.ts";
import { trainBpe } from "./bpe.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { openFeed } from "./feed.ts";
import { batchNumber, kindAt, lessonKinds } from "./lesson-kinds.ts";
import { type Recipe, recipeSchema } from "./recipe.ts";

const rng = createRng("feed");
const pixels = new Uint8Array(new SharedArrayBuffer(5 * 3 * 32 * 32));
pixels.forEach((_, i) => {
  pixels[i] = rng.int(256);
});
const pictures = [0, 1, 2, 3, 4].map((picture) => ({
  picture,
  questions: [{ type: "own", question: "What is it?", answer: picture % 2 ? "a dog" : "a cat" }],
}));
const own: PictureSet = { pixels: pixels.buffer, train: pictures.slice(0, 4), val: pictures.slice(4) };
const tokenizer = trainBpe(["What is it? a dog a cat"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
const recipe: Recipe = recipeSchema.parse({
  ...{ name: "feed", seed: 7, workers: 2, start: "model", checkpointEvery: 9 },
  model: {
    ...{ imageSize: 32, stemWidths: [8, 16], visionLayers: 1, width: 16, heads: 2, feedForward: 32 },
    ...{ bridgeWidth: 16, decoderLayers: 1, vocabulary: 300, context: 64 },
  },
  pack: { slots: 24, rows: 12 },
  data: { questions: 1, conversations: 0, own: { dataset: "own", share: 1 } },
  evaluation: { every: 9, pictures: 2 },
  stages: [
    { name: "answer", objective: "answer", steps: 9, batch: 2, accumulate: 2, learningRate: 1, warmup: 0 },
  ],
});

test("a feed gives the batches that the steps would have made themselves, part by part, from any step on", async () => {
  const kinds = lessonKinds(
    { recipe, encoder: createTurnEncoder(tokenizer), world: undefined, own },
    recipe.stages[0]!,
  );
  const feed = openFeed({ recipe, tokenizer, world: undefined, own, worker: 1 });
  // What was ordered before does not come up in what is begun.
  feed.begin(0, 0);
  feed.begin(0, 3);
  try {
    for (const [step, part] of [
      [3, 0],
      [3, 1],
      [4, 0],
      [4, 1],
      [5, 0],
    ] as const) {
      const { batch, fill } = kindAt(step, kinds, recipe);
      fill("train", batchNumber({ stage: 0, step, part, worker: 1 }, recipe));
      const fed = await feed.next();
      expect(fed.weight).toBe(batch.weight);
      expect(Object.keys(fed.tensors).sort()).toEqual(Object.keys(batch.tensors).sort());
      for (const [name, { data, dims }] of Object.entries(batch.tensors)) {
        expect(fed.tensors[name]!.dims).toEqual(dims);
        expect(Buffer.from(fed.tensors[name]!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
      }
    }
    expect(feed.waited).toBeGreaterThan(0);
  } finally {
    await feed.dispose();
  }
});

test("what goes wrong while a batch is made comes to whoever waits for it", async () => {
  const halved = { ...own, pixels: new SharedArrayBuffer(5 * 3 * 16 * 16) };
  const feed = openFeed({
    recipe,
    tokenizer,
    world: undefined,
    own: halved,
    worker: 0,
  });
  feed.begin(0, 0);
  await expect(feed.next()).rejects.toThrow("a picture must be 32x32 RGB");
  await expect(feed.next()).rejects.toThrow("a picture must be 32x32 RGB");
  await feed.dispose();
});
