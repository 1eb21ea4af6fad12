// Our decode loop against transformers.js on the same folder: the same tokens, for no, one and two pictures. Run on a
// random model and on the bundled one.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS, TOKEN_ID } from "../../data/chat-format.ts";
import { encodePng } from "../../media/index.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { createRng } from "../../util/rng.ts";
import { capabilities } from "../capabilities.ts";
import { loadLocalModel } from "./local-model.ts";

const bundled = path.resolve(import.meta.dirname, "../../../models/tiny");
const questions = ["How many dogs are there?", "What is in the picture?", "Is there a cat in the picture?"];
let random: string;

beforeAll(async () => {
  random = await mkdtemp(path.join(tmpdir(), "sightline-same-"));
  await writeTinyLlava(random, {
    tokenizer: trainBpe(questions.slice(0, 2), { vocabSize: 400, specialTokens: SPECIAL_TOKENS }),
  });
});
afterAll(() => rm(random, { recursive: true }));

/** Flat blocks of colour: something for a vision tower to look at. */
function picture(seed: number, size: number): Promise<Uint8Array> {
  const rng = createRng("picture", seed);
  const pixels = new Uint8Array(size * size * 3).fill(200);
  for (let block = 0; block < 6; block++) {
    const [x, y, side] = [rng.int(size), rng.int(size), 3 + rng.int(size / 3)];
    const colour = [rng.int(256), rng.int(256), rng.int(256)];
    for (let j = y; j < Math.min(size, y + side); j++) {
      for (let i = x; i < Math.min(size, x + side); i++) pixels.set(colour, (j * size + i) * 3);
    }
  }
  return encodePng(pixels, size, size);
}

async function compare(dir: string, maxOutputTokens: number): Promise<number> {
  const { AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, RawImage, env } = await import(
    "@huggingface/transformers"
  );
  env.allowRemoteModels = false;
  const processor = await AutoProcessor.from_pretrained(dir, {});
  const tokenizer = await AutoTokenizer.from_pretrained(dir);
  const theirs = await AutoModelForImageTextToText.from_pretrained(dir);
  const model = await loadLocalModel(dir);
  const { size } = JSON.parse(await readFile(path.join(dir, "preprocessor_config.json"), "utf8"));
  const pictures = await Promise.all([0, 1, 2].map((seed) => picture(seed, size.width)));
  const place = "<image>".repeat(capabilities(model).tokensPerImage!);
  let compared = 0;
  for (const question of questions) {
    for (const shown of [[], [pictures[0]!], [pictures[1]!, pictures[2]!]]) {
      const text = `<|bos|><|user|>${place.repeat(shown.length)} ${question}<|assistant|>`;
      const inputs = tokenizer(text, { add_special_tokens: false });
      const images = await Promise.all(
        shown.map((bytes) => RawImage.fromBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]))),
      );
      const pixels = images.length > 0 ? await processor.image_processor!(images) : {};
      const generate = { max_new_tokens: maxOutputTokens, do_sample: false };
      const output = await theirs.generate({ ...inputs, ...pixels, ...generate });
      const all = (output as unknown as { tolist(): bigint[][] }).tolist()[0]!.map(Number);
      const ids = all.slice(inputs.input_ids.dims[1]).filter((id) => id !== TOKEN_ID.eos);

      const files = shown.map((data) => ({
        type: "file" as const,
        mediaType: "image/png",
        data: { type: "data" as const, data },
      }));
      const prompt: LanguageModelV4Prompt = [
        { role: "user", content: [...files, { type: "text", text: question }] },
      ];
      const options = { sightline: { logprobs: true } };
      const { content, providerMetadata } = await model.doGenerate({
        prompt,
        maxOutputTokens,
        providerOptions: options,
      });
      const { logprobs } = providerMetadata!.sightline as unknown as { logprobs: { token: string }[] };
      expect(logprobs.map(({ token }) => token)).toEqual(ids.map((id) => tokenizer.decode([id])));
      const ours = content.map((part) => (part.type === "text" ? part.text : "")).join("");
      expect(ours).toBe(tokenizer.decode(ids, { skip_special_tokens: true }).trim());
      compared += ids.length;
    }
  }
  await theirs.dispose();
  await model.dispose();
  return compared;
}

describe("same tokens as transformers.js", () => {
  it("on a random model", async () => {
    expect(await compare(random, 12)).toBeGreaterThan(30);
  });

  it("on the bundled model", async () => {
    expect(await compare(bundled, 24)).toBeGreaterThan(9);
  });
});
