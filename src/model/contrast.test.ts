import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { decodeImage, encodePng, parseDataUrl } from "../media/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { recordCalls } from "../testing/record-calls.ts";
import { writeTinyLlava } from "../testing/tiny-llava.ts";
import { trainBpe } from "../tune/bpe.ts";
import { createRng } from "../util/rng.ts";
import { contrast } from "./contrast.ts";
import { contrastLogits } from "./local/contrast.ts";
import { loadLocalModel } from "./local/local-model.ts";
import { techniqueSpec } from "./technique-spec.ts";
import { traceEvents } from "./trace.ts";

function picture(seed: number, side = 28): Promise<Uint8Array> {
  const rng = createRng("picture", seed);
  return encodePng(
    Uint8Array.from({ length: side * side * 3 }, () => rng.int(256)),
    side,
    side,
  );
}

function ask(...pictures: Uint8Array[]): LanguageModelV4Prompt {
  const files = pictures.map((data) => ({
    type: "file" as const,
    mediaType: "image/png",
    data: { type: "data" as const, data },
  }));
  return [{ role: "user", content: [...files, { type: "text", text: "What is in the picture?" }] }];
}

type Asked = { image: string[]; alpha: number; beta: number };
const askedOf = (call: LanguageModelV4CallOptions) =>
  call.providerOptions!.sightline!.contrast as unknown as Asked;

const able = () => mockModel("a dog", { capabilities: { contrast: true } });

describe("what the model is asked", () => {
  test("the same prompt, and beside it a noisy copy of every picture", async () => {
    const model = able();
    const pictures = [await picture(1), await picture(2, 400)];
    const result = await contrast({ alpha: 0.5, beta: 0.2, noise: 700 })(model).doGenerate({
      prompt: ask(...pictures),
      providerOptions: { other: { a: 1 }, sightline: { logprobs: 2 } },
    });
    const call = model.calls[0]!;
    expect(call.prompt).toEqual(ask(...pictures));
    expect(call.providerOptions).toMatchObject({ other: { a: 1 }, sightline: { logprobs: 2 } });
    const { image, ...settings } = askedOf(call);
    expect(settings).toEqual({ alpha: 0.5, beta: 0.2 });
    const decoded = await Promise.all(image.map((url) => decodeImage(parseDataUrl(url).bytes)));
    expect(decoded.map(({ width, height }) => [width, height])).toEqual([
      [28, 28],
      [336, 336],
    ]);
    const original = await decodeImage(pictures[0]!);
    expect(decoded[0]!.pixels).not.toEqual(original.pixels);
    const event = traceEvents(result.content).find(({ type }) => type === "pictures-distorted");
    expect(event?.data).toMatchObject({
      noise: 700,
      seed: 0,
      images: [expect.stringMatching(/^sha256:/), expect.anything()],
    });
  });

  test("the same seed makes the same noise; another seed or picture another one", async () => {
    const noisy = async (seed: number, ...pictures: Uint8Array[]) => {
      const model = able();
      await contrast()(model).doGenerate({ prompt: ask(...pictures), seed });
      return askedOf(model.calls[0]!).image;
    };
    const one = await picture(1);
    const two = await picture(2);
    const [first] = await noisy(1, one);
    const both = await noisy(1, two, one);
    expect(both[1] === first && both[0] !== first).toBe(true);
    expect((await noisy(2, one))[0] === first).toBe(false);
  });

  test("without a picture the question is asked as it is", async () => {
    const model = able();
    await contrast()(model).doGenerate({ prompt: ask() });
    expect(model.calls[0]!.providerOptions!.sightline!.contrast).toBeUndefined();
  });

  test("a model that cannot do it is refused before it is called", async () => {
    const model = mockModel("a dog");
    expect(() => contrast()(model)).toThrow(
      expect.objectContaining({
        name: "SetupError",
        message:
          "contrast: needs a model whose token probabilities can be changed, which this one does not offer. Use tiny or local:<folder>.",
      }),
    );
    expect(model.calls).toEqual([]);
  });

  test("its options are in the spec that a run stores", () => {
    expect(techniqueSpec(contrast({ noise: 300 })(able()))).toBe("contrast(alpha=1, beta=0.1, noise=300)");
  });
});

test("the arithmetic: (1 + alpha) seen - alpha unseen, where the seen share is at least beta of the largest", () => {
  const seen = Float32Array.of(2, 1, 0, -3);
  const unseen = Float32Array.of(2, -1, 3, 0);
  // ln 0.1 = -2.303, so the cut is at -0.303.
  expect([...contrastLogits(seen, unseen, { alpha: 1, beta: 0.1 })]).toEqual([2, 3, -3, -Infinity]);
  expect([...contrastLogits(seen, unseen, { alpha: 0.5, beta: 0 })]).toEqual([2, 2, -1.5, -4.5]);
  expect([...contrastLogits(seen, unseen, { alpha: 1, beta: 1 })]).toEqual([
    2,
    -Infinity,
    -Infinity,
    -Infinity,
  ]);
});

describe("on a model that runs here", () => {
  let folder: string;
  let model: LanguageModel & AsyncDisposable;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sightline-contrast-"));
    const tokenizer = trainBpe(["what is in the picture"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
    await writeTinyLlava(folder, { tokenizer });
    model = await loadLocalModel(folder, { modelId: "random" });
  });
  afterAll(async () => {
    await model[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Log-probabilities of the likeliest first tokens. */
  async function first(of: LanguageModel, ...pictures: Uint8Array[]): Promise<Map<string, number>> {
    const { providerMetadata } = await of.doGenerate({
      prompt: ask(...pictures),
      maxOutputTokens: 1,
      providerOptions: { sightline: { logprobs: 20 } },
    });
    const { logprobs } = providerMetadata!.sightline as unknown as {
      logprobs: { top: { token: string; logprob: number }[] }[];
    };
    // Bytes that are no characters alone all read the same.
    const named = logprobs[0]!.top.filter(({ token }) => token !== "\ufffd");
    return new Map(named.map(({ token, logprob }) => [token, logprob]));
  }

  test("the first token's probabilities are those of the formula", async () => {
    const pictures = [await picture(1), await picture(2)];
    const inner = recordCalls(model);
    const alpha = 1;
    const beta = 1e-5;
    const got = await first(contrast({ alpha, beta, noise: 300 })(inner), ...pictures);
    const noisy = askedOf(inner.calls[0]!).image.map((url) => parseDataUrl(url).bytes);
    const seen = await first(model, ...pictures);
    const unseen = await first(model, ...noisy);
    const cut = Math.max(...seen.values()) + Math.log(beta);
    const possible = [...seen].filter(([, l]) => l >= cut).map(([token]) => token);
    const written = [...got].filter(([, l]) => l !== Number.NEGATIVE_INFINITY).map(([token]) => token);
    expect(written.filter((token) => seen.has(token) && !possible.includes(token))).toEqual([]);
    // Log-probabilities are logits up to a constant of their own, so differences are compared.
    const [one, ...others] = possible.filter((token) => got.has(token) && unseen.has(token));
    expect(others.length).toBeGreaterThan(1);
    const difference = (of: Map<string, number>, token: string) => of.get(token)! - of.get(one!)!;
    for (const token of others) {
      const expected = (1 + alpha) * difference(seen, token) - alpha * difference(unseen, token);
      expect(difference(got, token)).toBeCloseTo(expected, 3);
    }
  });

  test("a list with another number of pictures is refused", async () => {
    const { image } = { image: ["data:image/png;base64,AAAA", "data:image/png;base64,AAAA"] };
    await expect(
      model.doGenerate({
        prompt: ask(await picture(1)),
        providerOptions: { sightline: { contrast: { image, alpha: 1, beta: 0 } } },
      }),
    ).rejects.toThrow(
      "providerOptions.sightline.contrast.image: must have one picture for each of the prompt's, got 2 for 1.",
    );
  });
});
