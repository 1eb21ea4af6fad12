// Pictures in parts against Idefics3Processor and SmolVLM of transformers, by the gold of scripts/gold/parts.py: token ids of
// conversations, and what the tiny SmolVLM makes of them together with the squares.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  changeFile,
  goldPicture,
  goldSample,
  partsCheckpoint,
  partsFolder,
  readPartsGold,
} from "../../../test/fixtures/parts-gold.ts";
import { encodePng } from "../../media/index.ts";
import { capabilities } from "../../model/index.ts";
import type { ImagePart } from "../../spec/index.ts";
import { readSafetensors } from "../safetensors.ts";
import { openCheckpointModel } from "./checkpoint-language-model.ts";
import { readConversationEncoder } from "./conversation-tokens.ts";
import { openPretrained } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { fittingProcessor, normalisedSquares } from "./training-examples.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-parts-"));
});
afterAll(() => rm(root, { recursive: true }));

test("token ids and logits are those of transformers; marks that are no tokens are spelled out", async () => {
  const { conversations } = await readPartsGold();
  const { tensors } = await readSafetensors(path.join(partsFolder, "gold.safetensors"));
  for (const [i, { longest, sizes, messages, ids, prompt }] of conversations.entries()) {
    const checkpoint = await readCheckpoint(await partsCheckpoint(root, longest));
    const [encoder, processor] = [
      await readConversationEncoder(checkpoint),
      await fittingProcessor(checkpoint),
    ];
    const pictures = sizes.map((size) => goldPicture(...size));
    const encoded = encoder.encode(goldSample(messages), ({ source }: ImagePart) =>
      processor.grid(pictures[Number(source)]!),
    );
    expect(encoded.ids).toEqual(ids);
    expect(encoded.spans.at(-1)).toEqual([prompt.length, ids.length - 1]);
    expect(encoded.images.map(({ source }) => source)).toEqual(sizes.map((_, n) => `${n}`));

    const squares = pictures.flatMap((picture) => processor.squares(picture, "picture"));
    const pixels = normalisedSquares(
      squares.map((square) => square.pixels),
      processor,
    );
    const model = await openPretrained(checkpoint);
    const { data, dims } = await model.logits(ids, pixels);
    await model.dispose();
    const last = data.subarray((dims[0] - 1) * dims[1]);
    const wanted = tensors.get(`logits.${i}`)!.data;
    expect(Math.max(...last.map((x, at) => Math.abs(x - wanted[at]!)))).toBeLessThan(1e-4);
  }
});

/** A question about pictures of these sizes. */
async function ask(...sizes: [width: number, height: number][]) {
  const files = await Promise.all(
    sizes.map(async ([width, height]) => ({
      type: "file" as const,
      mediaType: "image/png",
      data: {
        type: "data" as const,
        data: await encodePng(goldPicture(width, height).pixels, width, height),
      },
    })),
  );
  const prompt: LanguageModelV4Prompt = [
    { role: "user", content: [...files, { type: "text", text: "What is red?" }] },
  ];
  return { prompt, maxOutputTokens: 6, temperature: 0 };
}

test("a folder is asked as its processor's file says: in parts, or whole", async () => {
  const { conversations } = await readPartsGold();
  const dir = await partsCheckpoint(root, 48);
  await using model = await openCheckpointModel(dir);
  const { usage, warnings } = await model.doGenerate(await ask([40, 24]));
  expect(warnings).toEqual([]);
  // The first conversation of the gold asks the same.
  expect(usage.inputTokens.total).toBe(conversations[0]!.prompt.length);
  // Three rows of three parts are the most: 10 squares of 4 tokens and 2 marks, a last mark, and 4 ends of lines.
  expect(capabilities(model).tokensPerImage).toBe(10 * 6 + 1 + 4);

  await changeFile(dir, "preprocessor_config.json", (text) =>
    text.replace('"do_image_splitting": true', '"do_image_splitting": false'),
  );
  await using whole = await openCheckpointModel(dir);
  const { usage: less } = await whole.doGenerate(await ask([40, 24]));
  // 6 parts of 6 tokens, and 3 ends of lines.
  expect(less.inputTokens.total).toBe(usage.inputTokens.total! - 6 * 6 - 3);
  expect(capabilities(whole).tokensPerImage).toBe(7);
});

test("a prompt of more parts than the context holds is refused before anything is computed", async () => {
  await using model = await openCheckpointModel(await partsCheckpoint(root, 320));
  await expect(model.doGenerate(await ask([40, 24], [9, 9]))).rejects.toThrow(
    /^prompt: must leave room for an answer in a context of 512 tokens, got \d{4} tokens with 2 pictures in parts\. Show fewer pictures or a shorter text, or set do_image_splitting to false in the folder's picture processor\.$/,
  );
});
