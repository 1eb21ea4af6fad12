import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { cropRow } from "./cache.ts";
import { checkFolder } from "./check-folder.ts";
import { scoreChoices } from "./choices.ts";
import { type Decoder, openDecoder } from "./decode.ts";
import { createEngine, type Engine } from "./engine.ts";
import { logSoftmax } from "./sample.ts";

let dir: string;
let decoder: Decoder;
let engine: Engine;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-decode-"));
  await writeTinyLlava(dir, { tokenizer: trainBpe([], { vocabSize: 400, specialTokens: SPECIAL_TOKENS }) });
  decoder = await openDecoder(await checkFolder(dir), { threads: 1 });
  engine = createEngine(decoder, { maxBatch: 3 });
});
afterAll(async () => {
  await decoder.dispose();
  await rm(dir, { recursive: true });
});

const prompts = [
  [1, 5, 60, 61, 62, 63, 6],
  [1, 5, 70, 6],
  [1, 4, 80, 81, 82, 83, 84, 85, 86, 87, 5, 88, 6],
];
const answers = [
  [100, 101, 102, 103],
  [110, 111, 112, 113],
  [120, 121, 122, 123],
];

/** Logits after the last of these tokens, read in one pass without a cache. */
async function uncached(ids: number[]): Promise<Float32Array> {
  const { logits } = await decoder.pass([{ embeddings: await decoder.embed(ids) }]);
  return logits[0]![0]!;
}

function expectClose(got: Float32Array, wanted: Float32Array) {
  expect(got.length).toBe(wanted.length);
  const difference = got.reduce((max, x, i) => Math.max(max, Math.abs(x - wanted[i]!)), 0);
  expect(difference).toBeLessThan(1e-4);
}

describe("decoder", () => {
  it("gives the same logits with the cache as without", async () => {
    const sequence = await engine.start(await decoder.embed(prompts[0]!));
    expectClose(sequence.logits, await uncached(prompts[0]!));
    for (let n = 0; n < 4; n++) {
      await sequence.step(answers[0]![n]!);
      expectClose(sequence.logits, await uncached([...prompts[0]!, ...answers[0]!.slice(0, n + 1)]));
    }
    expect(sequence.past.tokens).toBe(prompts[0]!.length + 4);
  });

  it("reads a prompt in two parts as in one", async () => {
    const [prompt] = prompts;
    const first = await engine.start(await decoder.embed(prompt!.slice(0, 3)));
    const whole = await engine.start(await decoder.embed(prompt!.slice(3)), first.past);
    expectClose(whole.logits, await uncached(prompt!));
    const cropped = cropRow(whole.past, 2);
    const again = await engine.start(await decoder.embed(prompt!.slice(2)), cropped);
    expectClose(again.logits, await uncached(prompt!));
  });

  it("gives each row of a ragged batch what it gets alone, while rows come and go", async () => {
    const sequences = await Promise.all(prompts.map(async (ids) => engine.start(await decoder.embed(ids))));
    const lengths = [4, 2, 3];
    for (let n = 0; n < 4; n++) {
      const going = sequences.filter((_, r) => n < lengths[r]!);
      await Promise.all(
        sequences.map((sequence, r) => (n < lengths[r]! ? sequence.step(answers[r]![n]!) : null)),
      );
      // All in one batch.
      expect(new Set(going.map((sequence) => sequence.past.cache)).size).toBe(1);
      expect(going[0]!.past.cache.rows).toBe(going.length);
      for (const [r, sequence] of sequences.entries()) {
        if (n >= lengths[r]!) continue;
        expectClose(sequence.logits, await uncached([...prompts[r]!, ...answers[r]!.slice(0, n + 1)]));
      }
    }
  });

  it("decodes more sequences than fit a batch", async () => {
    const sequences = await Promise.all(
      Array.from({ length: 8 }, async () => engine.start(await decoder.embed(prompts[1]!))),
    );
    await Promise.all(sequences.map((sequence, r) => sequence.step(90 + r)));
    for (const [r, sequence] of sequences.entries()) {
      expectClose(sequence.logits, await uncached([...prompts[1]!, 90 + r]));
      expect(sequence.past.cache.rows).toBeLessThanOrEqual(3);
    }
  });

  it("forks a sequence without one disturbing the other", async () => {
    const first = await engine.start(await decoder.embed(prompts[0]!));
    const second = first.fork();
    await first.step(100);
    await second.step(110);
    await Promise.all([first.step(101), second.step(111)]);
    expectClose(first.logits, await uncached([...prompts[0]!, 100, 101]));
    expectClose(second.logits, await uncached([...prompts[0]!, 110, 111]));
  });

  it("pads rows with fewer new tokens on the right and gives the logits of each row's last tokens", async () => {
    const past = (await engine.start(await decoder.embed(prompts[2]!))).past;
    const { logits, rows } = await decoder.pass(
      [
        { past, embeddings: await decoder.embed([100, 101, 102]) },
        { embeddings: await decoder.embed([1, 5]) },
      ],
      2,
    );
    expectClose(logits[0]![0]!, await uncached([...prompts[2]!, 100, 101]));
    expectClose(logits[0]![1]!, await uncached([...prompts[2]!, 100, 101, 102]));
    expectClose(logits[1]![0]!, await uncached([1]));
    expectClose(logits[1]![1]!, await uncached([1, 5]));
    expect(rows[0]).toMatchObject({ row: 0, tokens: prompts[2]!.length + 3 });
    expect(rows[1]).toBeUndefined();
  });

  it("scores answers with the sum of their tokens' log-probabilities", async () => {
    const sequence = await engine.start(await decoder.embed(prompts[0]!));
    const choices = [[100, 2], [2], [101, 102, 2], [103, 2]];
    const scores = await scoreChoices(decoder, sequence, choices);
    for (const [i, ids] of choices.entries()) {
      let sum = 0;
      for (const [k, id] of ids.entries()) {
        sum += logSoftmax(await uncached([...prompts[0]!, ...ids.slice(0, k)]))[id]!;
      }
      expect(scores[i]).toBeCloseTo(sum, 3);
    }
  });

  it("hands an error of a pass to everyone who waits for it", async () => {
    const broken = createEngine(
      {
        ...decoder,
        pass: (rows) => (rows.length > 1 ? Promise.reject(new Error("no")) : decoder.pass(rows)),
      },
      { maxBatch: 4 },
    );
    const sequence = await broken.start(await decoder.embed(prompts[0]!));
    const other = sequence.fork();
    await expect(Promise.all([sequence.step(1), other.step(2)])).rejects.toThrow("no");
    await sequence.step(100);
    expectClose(sequence.logits, await uncached([...prompts[0]!, 100]));
  });
});
