import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { encodePng, toDataUrl } from "../../media/index.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { createRng } from "../../util/rng.ts";
import { capabilities } from "../capabilities.ts";
import { type LocalModel, loadLocalModel } from "./local-model.ts";

const words = [
  " How many dogs are there?",
  " What is in the picture?",
  " yes",
  " no",
  " a red house",
  " two dogs",
];
let dir: string;
let model: LocalModel;
let pictures: Uint8Array[];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-local-"));
  const tokenizer = trainBpe(words, { vocabSize: 400, specialTokens: SPECIAL_TOKENS });
  await writeTinyLlava(dir, { tokenizer });
  model = await loadLocalModel(dir, { modelId: "random" });
  pictures = await Promise.all([0, 1, 2].map(randomPicture));
});
afterAll(async () => {
  await model.dispose();
  await rm(dir, { recursive: true });
});

function randomPicture(seed: number): Promise<Uint8Array> {
  const rng = createRng("picture", seed);
  return encodePng(
    Uint8Array.from({ length: 28 * 28 * 3 }, () => rng.int(256)),
    28,
    28,
  );
}

function ask(text: string, ...shown: Uint8Array[]): LanguageModelV4Prompt {
  const files = shown.map((data) => ({
    type: "file" as const,
    mediaType: "image/png",
    data: { type: "data" as const, data },
  }));
  return [{ role: "user", content: [...files, { type: "text", text }] }];
}

/** A model of the same folder without any cache between calls. */
function fresh(options = {}): Promise<LocalModel> {
  return loadLocalModel(dir, { prefixCacheBytes: 0, pictureCacheBytes: 0, ...options });
}

async function partsOf(call: LanguageModelV4CallOptions, from = model): Promise<LanguageModelV4StreamPart[]> {
  return Array.fromAsync((await from.doStream(call)).stream);
}

async function textOf(call: LanguageModelV4CallOptions, from = model): Promise<string> {
  const { content } = await from.doGenerate(call);
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("local model", () => {
  it("streams what it generates", async () => {
    const call = { prompt: ask("How many dogs are there?", pictures[0]!), maxOutputTokens: 12 };
    const parts = await partsOf(call);
    const types = parts.map((part) => part.type).join(" ");
    expect(types).toMatch(/^stream-start response-metadata text-start (text-delta )+text-end finish$/);
    const streamed = parts.map((part) => (part.type === "text-delta" ? part.delta : "")).join("");
    const generated = await model.doGenerate(call);
    expect(generated.content).toEqual([{ type: "text", text: streamed }]);
    expect(generated.finishReason).toEqual({ unified: "length", raw: "max-tokens" });
    expect(generated.usage.outputTokens).toEqual({ total: 12, text: 12, reasoning: 0 });
    expect(generated.response?.modelId).toBe("random");
    expect(generated.warnings).toEqual([]);
  });

  it("tells pictures apart, and their order", async () => {
    const texts = await Promise.all(
      [
        ask("What is in the picture?", pictures[0]!, pictures[1]!),
        ask("What is in the picture?", pictures[1]!, pictures[0]!),
        ask("What is in the picture?", pictures[0]!),
        ask("What is in the picture?"),
      ].map((prompt) => textOf({ prompt })),
    );
    expect(new Set(texts).size).toBe(4);
  });

  it("answers concurrent calls as it answers them one by one", async () => {
    const calls = words.flatMap((question, i) => [
      { prompt: ask(question, pictures[i % 3]!), maxOutputTokens: 3 + i },
      { prompt: ask(question), maxOutputTokens: 9 - i },
    ]);
    const alone = await fresh();
    const expected: string[] = [];
    for (const call of calls) expected.push(await textOf(call, alone));
    const together = await fresh({ maxBatch: 5 });
    expect(await Promise.all(calls.map((call) => textOf(call, together)))).toEqual(expected);
    await alone.dispose();
    await together.dispose();
  });

  it("reads a beginning that two prompts share once, with the same answer", async () => {
    const own = await loadLocalModel(dir);
    const uncached = await fresh();
    const first = await own.doGenerate({
      prompt: ask("What is in the picture?", pictures[0]!, pictures[1]!),
    });
    expect(first.usage.inputTokens).toEqual({ total: 17, noCache: 17, cacheRead: 0, cacheWrite: undefined });
    const call = { prompt: ask("How many dogs are there?", pictures[0]!, pictures[1]!) };
    const second = await own.doGenerate(call);
    // <|bos|>, <|user|> and twice four features.
    expect(second.usage.inputTokens).toMatchObject({
      cacheRead: 10,
      noCache: second.usage.inputTokens.total! - 10,
    });
    expect(second.content).toEqual((await uncached.doGenerate(call)).content);
    // Another second picture: only the first picture's tokens are shared.
    const third = await own.doGenerate({
      prompt: ask("How many dogs are there?", pictures[0]!, pictures[2]!),
    });
    expect(third.usage.inputTokens.cacheRead).toBe(0);
    await own.dispose();
    await uncached.dispose();
  });

  it("samples the same text with the same seed, concurrently too", async () => {
    const call = (seed: number) => ({
      prompt: ask("What is in the picture?", pictures[0]!),
      temperature: 1,
      seed,
    });
    const [a, b, c] = await Promise.all([textOf(call(1)), textOf(call(1)), textOf(call(2))]);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(await textOf({ ...call(2), topK: 1 })).toBe(await textOf({ ...call(2), temperature: 0 }));
  });

  it("stops at a stop sequence", async () => {
    const prompt = ask("What is in the picture?", pictures[0]!);
    const whole = await textOf({ prompt });
    const stop = whole.slice(3, 5);
    const result = await model.doGenerate({ prompt, stopSequences: [stop] });
    expect(result.content).toEqual([{ type: "text", text: whole.slice(0, whole.indexOf(stop)).trimEnd() }]);
    expect(result.finishReason).toEqual({ unified: "stop", raw: "stop-sequence" });
  });

  it("stops within a step when it is aborted", async () => {
    const controller = new AbortController();
    const call = {
      prompt: ask("What is in the picture?"),
      maxOutputTokens: 100,
      abortSignal: controller.signal,
    };
    const { stream } = await model.doStream(call);
    let deltas = 0;
    const reading = (async () => {
      for await (const part of stream) {
        if (part.type !== "text-delta") continue;
        deltas++;
        controller.abort();
      }
    })();
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(deltas).toBeLessThan(4);
    await expect(model.doGenerate(call)).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    // And a timer gets through while tokens are written.
    const timed = { ...call, abortSignal: AbortSignal.timeout(5) };
    await expect(Promise.all(Array.from({ length: 20 }, () => model.doGenerate(timed)))).rejects.toThrow(
      expect.objectContaining({ name: "TimeoutError" }),
    );
  });

  it("may be left in the middle of a stream", async () => {
    const { stream } = await model.doStream({ prompt: ask("What is in the picture?"), maxOutputTokens: 100 });
    for await (const part of stream) if (part.type === "text-delta") break;
    expect(await textOf({ prompt: ask("yes"), maxOutputTokens: 1 })).not.toBeUndefined();
  });

  it("scores choices with a proper distribution and gives the best as its answer", async () => {
    const prompt = ask("How many dogs are there?", pictures[0]!);
    const result = await model.doGenerate({
      prompt,
      providerOptions: { sightline: { choices: ["yes", "two dogs", "no"] } },
    });
    const { choices } = result.providerMetadata!.sightline as unknown as {
      choices: { choice: string; logprob: number }[];
    };
    expect(choices.map(({ choice }) => choice)).toEqual(["yes", "two dogs", "no"]);
    const best = choices.toSorted((a, b) => b.logprob - a.logprob)[0]!;
    expect(result.content).toEqual([{ type: "text", text: best.choice }]);
    expect(result.finishReason).toEqual({ unified: "stop", raw: "choice" });
    // The first token's share agrees with what generation reports.
    const written = await model.doGenerate({
      prompt,
      maxOutputTokens: 1,
      providerOptions: { sightline: { logprobs: 3 } },
    });
    const { logprobs } = written.providerMetadata!.sightline as unknown as {
      logprobs: { token: string; logprob: number; top: { token: string; logprob: number }[] }[];
    };
    expect(logprobs).toHaveLength(1);
    expect(logprobs[0]!.top[0]).toEqual({ token: logprobs[0]!.token, logprob: logprobs[0]!.logprob });
    expect(logprobs[0]!.top).toHaveLength(3);
    for (const { logprob } of choices) expect(logprob).toBeLessThan(logprobs[0]!.logprob);
  });

  it("contrasts with another picture", async () => {
    const prompt = ask("What is in the picture?", pictures[0]!);
    const contrast = (image: Uint8Array, alpha: number, beta: number) =>
      textOf({
        prompt,
        providerOptions: { sightline: { contrast: { image: toDataUrl(image, "image/png"), alpha, beta } } },
      });
    const plain = await textOf({ prompt });
    expect(await contrast(pictures[1]!, 0, 0)).toBe(plain);
    expect(await contrast(pictures[0]!, 1, 0.1)).toBe(plain);
    expect(await contrast(pictures[1]!, 5, 1)).toBe(plain);
    expect(await contrast(pictures[1]!, 5, 0)).not.toBe(plain);
  });

  it("says in one line that a prompt is too long", async () => {
    await expect(model.doGenerate({ prompt: ask("dogs ".repeat(130), pictures[0]!) })).rejects.toThrow(
      "local.prompt: must leave room for an answer in a context of 128 tokens, got 137 tokens with 1 picture. " +
        "Show fewer pictures or a shorter text; with equip, name fewer tools.",
    );
  });

  it("fills the context and no more", async () => {
    const result = await model.doGenerate({ prompt: ask("yes"), maxOutputTokens: 1000 });
    expect(result.usage.inputTokens.total! + result.usage.outputTokens.total!).toBe(128);
    expect(result.finishReason.unified).toBe("length");
  });

  it("warns of what it cannot do and refuses options that make no sense", async () => {
    const { warnings } = await model.doGenerate({
      prompt: ask("yes"),
      maxOutputTokens: 1,
      tools: [{ type: "function", name: "f", inputSchema: {} }],
      responseFormat: { type: "json" },
      presencePenalty: 1,
      providerOptions: { sightline: { query: { id: "1" }, program: ["f"] } },
    });
    expect(warnings).toEqual(
      ["tools", "responseFormat", "presencePenalty", "program"].map((feature) => ({
        type: "unsupported",
        feature,
      })),
    );
    const refused = (sightline: Record<string, never>) =>
      model.doGenerate({ prompt: ask("yes"), providerOptions: { sightline } });
    await expect(refused({ choices: [] as never })).rejects.toThrow(
      "providerOptions.sightline.choices: too small: expected array to have >=1 items.",
    );
    await expect(
      refused({ choices: ["a"] as never, contrast: { image: "data:,x" } as never }),
    ).rejects.toThrow("providerOptions.sightline: choices and contrast cannot be combined.");
  });

  it("names a picture that it cannot read before anything is streamed", async () => {
    await expect(
      model.doStream({ prompt: ask("yes", pictures[0]!, Uint8Array.of(1, 2, 3)) }),
    ).rejects.toThrow(/^prompt\[0\]\.content\[1\]: must be a picture, got /);
  });

  it("declares what it can do", () => {
    const declared = capabilities(model);
    expect(declared).toMatchObject({
      contextTokens: 128,
      maxImages: 4,
      tokensPerImage: 4,
      plainQuestions: true,
      toolCalls: false,
      logprobs: true,
      choices: true,
      contrast: true,
      prefixCache: true,
    });
    expect(declared.countTokens!(" two dogs")).toBe(2);
  });

  it("cannot be used after dispose", async () => {
    const own = await fresh({ modelId: "gone" });
    await own.dispose();
    await own.dispose();
    await expect(own.doGenerate({ prompt: ask("yes") })).rejects.toThrow(
      "model gone: must not be used after dispose().",
    );
  });
});
