// Hub detectors through transformers.js, on models written here whose answer is the same for every picture.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import { encodePng } from "../media/index.ts";
import { Graph, ops, sym, toModelBytes } from "../onnx/index.ts";
import { trainBpe } from "../tune/bpe.ts";
import { writeFileAtomic } from "../util/files.ts";
import { openHubDetector } from "./transformers-detector.ts";

const size = 8;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "sightline-detector-"));
  await write("detr", { image_processor_type: "DetrImageProcessor", do_pad: false });
  await write("owlvit", { image_processor_type: "OwlViTImageProcessor", processor_class: "OwlViTProcessor" });
});
afterAll(() => rm(root, { recursive: true }));

/** Two boxes: the left half is surely the first class, the lower right quarter likely the second one. */
async function write(type: "detr" | "owlvit", preprocessor: object): Promise<void> {
  const dir = path.join(root, "owner", type);
  const json = (file: string, value: unknown) => writeFileAtomic(path.join(dir, file), JSON.stringify(value));
  await json("config.json", {
    model_type: type,
    architectures: [type === "detr" ? "DetrForObjectDetection" : "OwlViTForObjectDetection"],
    id2label: { 0: "dog", 1: "N/A", 2: "cat" },
  });
  await json("preprocessor_config.json", {
    size: { width: size, height: size },
    do_normalize: false,
    ...preprocessor,
  });
  const tokenizer = trainBpe(["a red ball and a dog"], { vocabSize: 300, specialTokens: SPECIAL_TOKENS });
  await json("tokenizer.json", tokenizer);
  await json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: "<|pad|>",
    model_max_length: 16,
  });
  const graph = new Graph();
  const batch = sym("batch_size");
  const pixels = graph.input("pixel_values", "float32", [1, 3, size, size]);
  if (type === "owlvit") {
    graph.input("input_ids", "int64", [batch, sym("sequence_length")]);
    graph.input("attention_mask", "int64", [batch, sym("sequence_length")]);
  }
  const logits = type === "detr" ? [6, 0, 0, 0, 0, 0, 3, 0] : [4, -9, -9, -1];
  const nothing = graph.node("ReduceMean", [ops.scale(pixels, 0)], [{ type: "float32", shape: [1, 1, 1] }], {
    attributes: { axes: [1, 2, 3], keepdims: 0 },
  })[0]!;
  const answer = (values: number[]) => {
    const shape = [1, 2, values.length / 2];
    return ops.add(graph.constant(Float32Array.from(values), shape), ops.reshape(nothing, [1, 1, 1]));
  };
  graph.output("logits", answer(logits));
  graph.output("pred_boxes", answer([0.25, 0.5, 0.5, 1, 0.75, 0.75, 0.5, 0.5]));
  await writeFileAtomic(path.join(dir, "onnx/model.onnx"), toModelBytes(graph));
}
const picture = () => encodePng(new Uint8Array(40 * 20 * 3), 40, 20);

test("a detector with a list finds its things, in pixels of the picture", async () => {
  await using detector = await openHubDetector("owner/detr", { cacheDir: root });
  expect(detector.vocabulary).toEqual(["dog", "cat"]);
  const found = await detector.detect(await picture());
  expect(found.map(({ name, box }) => [name, ...box])).toEqual([
    ["dog", 0, 0, 20, 20],
    ["cat", 20, 10, 40, 20],
  ]);
  expect(found[0]!.score).toBeGreaterThan(0.98);
});

test("a detector that is told in words finds those, and must be told", async () => {
  await using detector = await openHubDetector(path.join(root, "owner/owlvit"), { openVocabulary: true });
  const found = await detector.detect(await picture(), { labels: ["a ball", "a dog"] });
  expect(found.map(({ name, box }) => [name, ...box])).toEqual([
    ["a ball", 0, 0, 20, 20],
    ["a dog", 20, 10, 40, 20],
  ]);
  await expect(detector.detect(await picture())).rejects.toThrow(
    "must be told what to look for, got no labels",
  );
});

test("weights that are not there are said, not fetched", async () => {
  await expect(openHubDetector("owner/none", { cacheDir: root })).rejects.toThrow(
    `detector "owner/none": the weights are not in "${path.join(root, "owner/none")}". Allow downloads to fetch it from the Hugging Face hub.`,
  );
});
