import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFolder } from "../model/local/check-folder.ts";
import { openDecoder } from "../model/local/decode.ts";
import { createRng } from "../util/rng.ts";
import { quantizeModel } from "./quantize-model.ts";

const tiny = path.join(import.meta.dirname, "../../models/tiny");
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-quantize-"));
});
afterAll(() => rm(dir, { recursive: true }));

/** Logits of the next token behind a picture of noise and a few tokens. */
async function nextToken(folder: string): Promise<Float32Array> {
  const decoder = await openDecoder(await checkFolder(folder), { threads: 1 });
  const rng = createRng("noise");
  const pixels = Float32Array.from({ length: 3 * 112 * 112 }, () => 2 * rng.next() - 1);
  const [features] = await decoder.encodePictures([pixels], 112);
  const embeddings = Float32Array.from([
    ...(await decoder.embed([1, 5])),
    ...features!,
    ...(await decoder.embed([400, 401, 402, 6])),
  ]);
  const { logits } = await decoder.pass([{ embeddings }]);
  await decoder.dispose();
  return logits[0]![0]!;
}

test.each([
  ["fp16" as const, "_fp16", 0.51, 0.02],
  ["q8" as const, "_quantized", 0.33, 0.6],
])(
  "tiny as %s is loaded without being told, smaller and nearly the same",
  async (type, suffix, share, bound) => {
    const out = path.join(dir, type);
    const files = await quantizeModel(tiny, out, type);
    expect(files.map(({ file }) => file)).toEqual([
      `onnx/vision_encoder${suffix}.onnx`,
      `onnx/embed_tokens${suffix}.onnx`,
      `onnx/decoder_model_merged${suffix}.onnx`,
    ]);
    const sum = (key: "before" | "after") => files.reduce((total, file) => total + file[key], 0);
    expect(sum("after")).toBeLessThan(share * sum("before"));
    const config = JSON.parse(await readFile(path.join(out, "config.json"), "utf8"));
    expect(config["transformers.js_config"]).toEqual({ dtype: type });
    const [before, after] = [await nextToken(tiny), await nextToken(out)];
    const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
    expect(best(after)).toBe(best(before));
    const most = Math.max(...before.map((value, i) => Math.abs(value - after[i]!)));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(bound);
  },
  60_000,
);

test("a folder onto itself, one without float32 weights, and no folder are refused", async () => {
  await expect(quantizeModel(tiny, path.join(tiny, "."), "q8")).rejects.toThrow(
    `quantize: must not write over the model it reads, got ${tiny}. Name another folder.`,
  );
  const done = path.join(dir, "fp16");
  await expect(quantizeModel(done, path.join(dir, "twice"), "q8")).rejects.toThrow(
    `${path.join(done, "onnx/vision_encoder.onnx")}: must be there, with float32 weights.`,
  );
  const none = path.join(dir, "none");
  await expect(quantizeModel(none, path.join(dir, "x"), "q8")).rejects.toThrow(
    `${path.join(none, "config.json")}: must be a readable JSON file.`,
  );
});
