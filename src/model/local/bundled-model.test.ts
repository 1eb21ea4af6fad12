// The decode loop on the bundled model: what holds for a random model must hold for a trained one, whose logits are
// further apart and whose answers end.
import path from "node:path";
import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../../media/index.ts";
import { createRng } from "../../util/rng.ts";
import { capabilities } from "../capabilities.ts";
import { type LocalModel, loadLocalModel } from "./local-model.ts";

const dir = path.resolve(import.meta.dirname, "../../../models/tiny");

describe("bundled model", () => {
  let model: LocalModel;
  let calls: LanguageModelV4CallOptions[];

  beforeAll(async () => {
    model = await loadLocalModel(dir);
    const pictures = await Promise.all(
      [1, 2, 3].map((seed) => {
        const rng = createRng("picture", seed);
        const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, () => rng.int(256));
        return encodePng(pixels, 112, 112);
      }),
    );
    const questions = ["Is there a dog in the picture?", "How many cats are there?", "Describe the picture."];
    calls = questions.flatMap((text, i) =>
      [1, 2].map((shown) => ({
        prompt: [
          {
            role: "user" as const,
            content: [
              ...pictures.slice(i, i + shown).map((data) => ({
                type: "file" as const,
                mediaType: "image/png",
                data: { type: "data" as const, data },
              })),
              { type: "text" as const, text },
            ],
          },
        ],
        maxOutputTokens: 32,
      })),
    );
  });
  afterAll(() => model?.dispose());

  it("keeps what later models build on: context, pictures and reserved tokens", () => {
    expect(capabilities(model).contextTokens).toBeGreaterThanOrEqual(1536);
    expect(capabilities(model)).toMatchObject({ maxImages: 9, tokensPerImage: 49, plainQuestions: true });
  });

  it("answers alike alone, together, streamed, and with a shared beginning", async () => {
    const alone = await loadLocalModel(dir, { maxBatch: 1, prefixCacheBytes: 0, pictureCacheBytes: 0 });
    const expected = [];
    for (const call of calls) expected.push(await alone.doGenerate(call));
    const together = await Promise.all(calls.map((call) => model.doGenerate(call)));
    const again = await Promise.all(calls.map((call) => model.doGenerate(call)));
    for (const [i, { content, finishReason }] of expected.entries()) {
      // Calls with one picture, as in training, come to an end.
      if (i % 2 === 0) expect(finishReason).toEqual({ unified: "stop", raw: "end-token" });
      expect(together[i]).toMatchObject({ content, finishReason });
      expect(again[i]).toMatchObject({ content, finishReason });
      expect(again[i]!.usage.inputTokens.noCache).toBe(1);
      let streamed = "";
      for await (const part of (await model.doStream(calls[i]!)).stream) {
        if (part.type === "text-delta") streamed += part.delta;
      }
      expect(content).toEqual([{ type: "text", text: streamed }]);
    }
    await alone.dispose();
  });
});
