import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { mockModel } from "../testing/index.ts";
import { withCache } from "./index.ts";
import { technique } from "./technique.ts";

const picture = Uint8Array.of(1, 2, 3);
function call(fields: Partial<LanguageModelV4CallOptions> = {}, bytes = picture): LanguageModelV4CallOptions {
  return {
    prompt: [
      {
        role: "user",
        content: [
          { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
          { type: "text", text: "What is it?" },
        ],
      },
    ],
    temperature: 0,
    ...fields,
  };
}
function memory() {
  const map = new Map<string, string>();
  return {
    map,
    get: async (key: string) => map.get(key),
    put: (key: string, value: string) => void map.set(key, value),
  };
}

test("the same call is made once, and the replay equals the answer", async () => {
  const model = mockModel({ reasoning: "Well.", text: "a cat" }, { pieceLength: 1 });
  const cached = withCache(model, { cache: memory(), modelKey: "m" });
  const first = await cached.doGenerate(call());
  // The same bytes in another array, under another file name and another question id.
  const again = await cached.doGenerate(
    call({ providerOptions: { sightline: { query: { id: "other" } } } }, Uint8Array.from(picture)),
  );
  expect(model.calls).toHaveLength(1);
  expect(again.content).toEqual(first.content);
  expect(again.usage).toEqual(first.usage);
  expect(first.providerMetadata?.sightline).toEqual({ promptHashes: [expect.stringMatching(/^sha256:/)] });
  expect(again.providerMetadata?.sightline).toMatchObject({
    ...first.providerMetadata?.sightline,
    cachedCalls: 1,
    savedMs: expect.any(Number),
  });
});

test.each<[string, Partial<LanguageModelV4CallOptions>]>([
  ["prompt", { prompt: [{ role: "user", content: [{ type: "text", text: "What?" }] }] }],
  ["length", { maxOutputTokens: 3 }],
  ["seed", { seed: 5 }],
  ["format", { responseFormat: { type: "json" } }],
  ["tools", { tools: [{ type: "function", name: "t", inputSchema: {} }] }],
  ["own option", { providerOptions: { sightline: { logprobs: true } } }],
])("another %s is another call", async (_, fields) => {
  const model = mockModel("a cat");
  const cached = withCache(model, { cache: memory(), modelKey: "m" });
  await cached.doGenerate(call());
  await cached.doGenerate(call(fields));
  expect(model.calls).toHaveLength(2);
});

test("another picture under the same name, and other weights, are other calls", async () => {
  const cache = memory();
  const model = mockModel("a cat");
  await withCache(model, { cache, modelKey: "m" }).doGenerate(call());
  await withCache(model, { cache, modelKey: "m" }).doGenerate(call({}, Uint8Array.of(1, 2, 4)));
  await withCache(model, { cache, modelKey: "m2" }).doGenerate(call());
  expect(model.calls).toHaveLength(3);
});

test("a draw by chance is remembered only with its seed", async () => {
  const model = mockModel("a cat");
  const cached = withCache(model, { cache: memory(), modelKey: "m" });
  for (const fields of [{ temperature: 1 }, { temperature: undefined }, { temperature: 1, seed: 1 }]) {
    await cached.doGenerate(call(fields));
    await cached.doGenerate(call(fields));
  }
  expect(model.calls).toHaveLength(2 + 2 + 1);
});

test("failures and answers that break off are not remembered", async () => {
  const cache = memory();
  const model = mockModel([new Error("down"), { text: "a c", error: new Error("cut") }, "a cat"]);
  const cached = withCache(model, { cache, modelKey: "m" });
  await expect(cached.doGenerate(call())).rejects.toThrow("down");
  await expect(cached.doGenerate(call())).rejects.toThrow("cut");
  expect(cache.map.size).toBe(0);
  const { stream } = await cached.doStream(call());
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  expect(cache.map.size).toBe(0);
});

test("a technique passes on what is known of all its calls", async () => {
  const model = mockModel("a cat");
  const cached = withCache(model, { cache: memory(), modelKey: "m" });
  const twice = technique("twice", {}, async function* ({ call: inner, forward }) {
    await inner({ maxOutputTokens: 2 });
    yield* forward();
  })(cached);
  await twice.doGenerate(call());
  const { providerMetadata } = await twice.doGenerate(call());
  expect(model.calls).toHaveLength(2);
  const { promptHashes, ...facts } = providerMetadata!.sightline as { promptHashes: string[] };
  expect(facts).toMatchObject({ calls: 2, cachedCalls: 2 });
  expect(promptHashes).toHaveLength(2);
});
