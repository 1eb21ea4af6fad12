// CLIP and SigLIP through transformers.js, on random models of one product each that are written here.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { encodePng } from "../media/index.ts";
import { Graph, ops, sym, toModelBytes } from "../onnx/index.ts";
import { trainBpe } from "../tune/bpe.ts";
import { writeFileAtomic } from "../util/files.ts";
import { createRng } from "../util/rng.ts";
import { openTransformersEncoder } from "./transformers-encoder.ts";

const size = 8;
const width = 6;
const tokenizer = trainBpe(["a red ball and a dog"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
const random = (count: number) => {
  const rng = createRng("encoder", count);
  return Float32Array.from({ length: count }, () => rng.normal());
};
const visionWeights = random(3 * size * size * width);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "sightline-clip-"));
  await write("clip", { text: "text_embeds", vision: "image_embeds" });
  await write("siglip", { text: "pooler_output", vision: "pooler_output" });
  await write("bert", { text: "text_embeds", vision: "image_embeds" });
});
afterAll(() => rm(root, { recursive: true }));

async function write(type: string, outputs: { text: string; vision: string }): Promise<void> {
  const dir = path.join(root, "owner", type);
  const json = (file: string, value: unknown) => writeFileAtomic(path.join(dir, file), JSON.stringify(value));
  await json("config.json", { model_type: type });
  await json("tokenizer.json", tokenizer);
  await json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: "<|pad|>",
    model_max_length: 16,
  });
  await json("preprocessor_config.json", {
    image_processor_type: "CLIPImageProcessor",
    size: { width: size, height: size },
    do_center_crop: false,
    do_normalize: false,
  });
  const batch = sym("batch_size");
  const vision = new Graph();
  const pixels = vision.input("pixel_values", "float32", [batch, 3, size, size]);
  const flat = ops.reshape(pixels, [batch, 3 * size * size]);
  vision.output(outputs.vision, ops.linear(flat, vision.constant(visionWeights, [3 * size * size, width])));
  await writeFileAtomic(path.join(dir, "onnx/vision_model.onnx"), toModelBytes(vision));
  const text = new Graph();
  const ids = text.input("input_ids", "int64", [batch, sym("sequence_length")]);
  const vocabulary = Object.keys(tokenizer.model.vocab).length;
  const rows = ops.gatherRows(text.constant(random(vocabulary * width), [vocabulary, width]), ids);
  const mean = text.node("ReduceMean", [rows], [{ type: "float32", shape: [batch, width] }], {
    attributes: { axes: [1], keepdims: 0 },
  })[0]!;
  text.output(outputs.text, mean);
  await writeFileAtomic(path.join(dir, "onnx/text_model.onnx"), toModelBytes(text));
}

const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 37) % 256);
const picture = () => encodePng(pixels, size, size);

test.each(["clip", "siglip"])("%s: vectors of length 1, texts first", async (type) => {
  await using encoder = await openTransformersEncoder(`owner/${type}`, { cacheDir: root });
  expect(encoder.dimensions).toBe(width);
  const vectors = await encoder.embed({ texts: ["a dog", "a ball"], images: [await picture()] });
  expect(vectors.map((vector) => Math.hypot(...vector))).toEqual(
    [1, 1, 1].map((one) => expect.closeTo(one, 5)),
  );
  expect(vectors[0]).not.toEqual(vectors[1]);
  // [3, size, size], channel by channel, from 0 to 1.
  const expected = Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < size * size; i++)
        sum += (pixels[i * 3 + c]! / 255) * visionWeights[(c * size * size + i) * width + j]!;
    return sum;
  });
  const length = Math.hypot(...expected);
  for (const [j, x] of expected.entries()) expect(vectors[2]![j]).toBeCloseTo(x / length, 4);
});

test("siglip pads texts to their full length, as it was trained", async () => {
  await using clip = await openTransformersEncoder(path.join(root, "owner/clip"));
  await using siglip = await openTransformersEncoder(path.join(root, "owner/siglip"));
  const [[short], [padded]] = await Promise.all(
    [clip, siglip].map((model) => model.embed({ texts: ["a dog"] })),
  );
  expect(short).not.toEqual(padded);
});

test("what is no encoder, or not there, is said in one line", async () => {
  await expect(openTransformersEncoder("owner/bert", { cacheDir: root })).rejects.toThrow(
    'local:owner/bert: an encoder\'s model_type must be clip or siglip, got "bert".',
  );
  await expect(openTransformersEncoder("owner/none", { cacheDir: root })).rejects.toThrow(
    /^local:owner\/none: the weights are not in ".*none"\. Add --download to fetch it from the Hugging Face hub\.$/,
  );
  await rm(path.join(root, "owner/siglip/onnx/vision_model.onnx"));
  await expect(openTransformersEncoder("owner/siglip", { cacheDir: root })).rejects.toThrow(
    /the model lacks vision_model\.onnx/,
  );
});
