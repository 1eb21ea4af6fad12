import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { encodePng } from "../../media/index.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { checkFolder } from "./check-folder.ts";
import { openDecoder } from "./decode.ts";
import { type LoadedEncoder, loadLocalEncoder } from "./encoder.ts";
import { createPreprocessor } from "./preprocess.ts";

let dir: string;
let encoder: LoadedEncoder;
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "sightline-encoder-"));
  await writeTinyLlava(dir, {
    tokenizer: trainBpe(["a red ball and a dog"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS }),
  });
  encoder = await loadLocalEncoder(dir, { name: "small" });
});
afterAll(async () => {
  await encoder.dispose();
  await rm(dir, { recursive: true });
});

const picture = (seed: number) =>
  encodePng(
    Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => (i * seed) % 256),
    28,
    28,
  );
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

test("texts come first, then pictures; every vector has length 1", async () => {
  const images = await Promise.all([picture(3), picture(7)]);
  const vectors = await encoder.embed({ texts: ["a dog", " a dog "], images });
  expect(vectors.map(({ length }) => length)).toEqual([32, 32, 32, 32]);
  for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5);
  expect(vectors[0]).toEqual(vectors[1]);
  expect(dot(vectors[2]!, vectors[3]!)).toBeLessThan(0.999);
  expect(await encoder.embed({ images: [images[1]!] })).toEqual([vectors[3]]);
});

test("a picture's vector is the largest value of each feature over the patches", async () => {
  const folder = await checkFolder(dir);
  const decoder = await openDecoder(folder, { threads: 1 });
  const preprocessor = createPreprocessor(folder);
  const pixels = await preprocessor.pixels(await picture(5), "test");
  const [features] = await decoder.encodePictures([pixels], preprocessor.size);
  await decoder.dispose();
  const largest = Float32Array.from({ length: 32 }, (_, i) =>
    Math.max(...[0, 1, 2, 3].map((patch) => features![patch * 32 + i]!)),
  );
  const [vector] = await encoder.embed({ images: [await picture(5)] });
  expect(dot(vector!, largest) / Math.sqrt(dot(largest, largest))).toBeCloseTo(1, 5);
});

test("a text of nothing is a vector of zeros, which is near to nothing", async () => {
  const [vector] = await encoder.embed({ texts: ["  "] });
  expect(vector).toEqual(new Float32Array(32));
});

test("the id names the weights: another vision encoder is another encoder", async () => {
  expect(encoder.id).toMatch(/^small@[0-9a-f]{12}$/);
  const file = path.join(dir, "onnx/vision_encoder.onnx");
  const bytes = await readFile(file);
  await writeTinyLlava(dir, {
    tokenizer: trainBpe(["a red ball and a dog"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS }),
    seed: 2,
  });
  const other = await loadLocalEncoder(dir, { name: "small" });
  expect(other.id).not.toBe(encoder.id);
  await other.dispose();
  await writeFile(file, bytes);
});

test("a damaged picture and an abort are said", async () => {
  await expect(encoder.embed({ images: [new Uint8Array([1, 2, 3])] })).rejects.toThrow(
    /encoder\.picture: must be a picture/,
  );
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(encoder.embed({ texts: ["a"], signal })).rejects.toThrow("enough");
});
