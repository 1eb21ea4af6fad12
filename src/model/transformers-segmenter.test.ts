// SAM through transformers.js, on a network written here: its guesses are discs around the mean of the points on the thing.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Graph, ops, sym, toModelBytes, type Value } from "../onnx/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { openHubSegmenter } from "./transformers-segmenter.ts";

/** Side of the network's input, and of its masks. */
const [side, maskSide] = [64, 16];
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "sightline-segmenter-"));
  await write();
});
afterAll(() => rm(root, { recursive: true }));

async function write(): Promise<void> {
  const dir = path.join(root, "owner/sam");
  const json = (file: string, value: unknown) => writeFileAtomic(path.join(dir, file), JSON.stringify(value));
  await json("config.json", { model_type: "sam", architectures: ["SamModel"] });
  await json("preprocessor_config.json", {
    image_processor_type: "SamImageProcessor",
    processor_class: "SamProcessor",
    size: { longest_edge: side },
    pad_size: { height: side, width: side },
    do_pad: true,
    do_normalize: false,
  });
  const encoder = new Graph();
  const pixels = encoder.input("pixel_values", "float32", [1, 3, side, side]);
  encoder.output("image_embeddings", ops.scale(pixels, 0));
  encoder.output("image_positional_embeddings", ops.scale(pixels, 1));
  await writeFileAtomic(path.join(dir, "onnx/vision_encoder.onnx"), toModelBytes(encoder));

  const decoder = new Graph();
  const embedding = decoder.input("image_embeddings", "float32", [1, 3, side, side]);
  const positional = decoder.input("image_positional_embeddings", "float32", [1, 3, side, side]);
  const sum = (x: Value, axes: number[], shape: Value["shape"]) =>
    decoder.node("ReduceSum", [x, decoder.ints(...axes)], [{ type: "float32", shape }], {
      attributes: { keepdims: 1 },
    })[0]!;
  // Whatever was seen adds nothing; it only has to be there.
  const nothing = ops.reshape(
    sum(ops.scale(ops.mul(embedding, positional), 0), [0, 1, 2, 3], [1, 1, 1, 1]),
    [1, 1, 1, 1, 1],
  );
  const points = decoder.input("input_points", "float32", [1, 1, sym("points"), 2]);
  const labels = decoder.input("input_labels", "int64", [1, 1, sym("points")]);
  const on = decoder.node("Cast", [labels], [{ type: "float32", shape: labels.shape }], {
    attributes: { to: 1 },
  })[0]!;
  const column = decoder.node(
    "Unsqueeze",
    [on, decoder.ints(3)],
    [{ type: "float32", shape: [1, 1, sym("points"), 1] }],
  )[0]!;
  const total = sum(ops.mul(points, column), [2], [1, 1, 1, 2]);
  const center = decoder.node(
    "Div",
    [total, sum(column, [2], [1, 1, 1, 1])],
    [{ type: "float32", shape: [1, 1, 1, 2] }],
  )[0]!;
  const scale = side / maskSide;
  const grid = (axis: 0 | 1) =>
    Float32Array.from(
      { length: maskSide ** 2 },
      (_, i) => ((axis === 0 ? i % maskSide : Math.floor(i / maskSide)) + 0.5) * scale,
    );
  const [cx, cy] = ops.split(center, 3, [1, 1]);
  const distance = ([0, 1] as const).map((axis) => {
    const from = ops.sub(decoder.constant(grid(axis), [1, 1, 1, maskSide ** 2]), axis === 0 ? cx! : cy!);
    return ops.mul(from, from);
  });
  const squared = ops.reshape(ops.add(distance[0]!, distance[1]!), [1, 1, 1, maskSide, maskSide]);
  const radii = decoder.constant(Float32Array.of(36, 144, 900), [1, 1, 3, 1, 1]);
  decoder.output("pred_masks", ops.add(ops.sub(radii, squared), nothing));
  decoder.output(
    "iou_scores",
    ops.add(decoder.constant(Float32Array.of(0.5, 0.9, 0.7), [1, 1, 3]), ops.reshape(nothing, [1, 1, 1])),
  );
  await writeFileAtomic(path.join(dir, "onnx/prompt_encoder_mask_decoder.onnx"), toModelBytes(decoder));
}

const [width, height] = [80, 40];
const picture = { pixels: new Uint8Array(width * height * 3), width, height, channels: 3 as const };

/** Centre and number of the pixels that are set. */
function shapeOf(mask: Uint8Array) {
  const set = [...mask.keys()].filter((i) => mask[i]);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    x: mean(set.map((i) => i % width)),
    y: mean(set.map((i) => Math.floor(i / width))),
    area: set.length,
  };
}

test("points on the thing: the guess that the network holds for the best, in pixels of the picture", async () => {
  await using segmenter = await openHubSegmenter("owner/sam", { cacheDir: root });
  const { mask, score } = await segmenter.segment(picture, {
    points: [
      { at: [60, 20], on: true },
      { at: [0, 0], on: false },
    ],
  });
  expect(score).toBeCloseTo(0.9);
  const { x, y, area } = shapeOf(mask);
  expect([Math.abs(x - 60) < 1.5, Math.abs(y - 20) < 1.5]).toEqual([true, true]);
  // A disc of radius 12 in the network's input, where the picture is 64 pixels wide.
  expect(area / (Math.PI * (12 * (80 / 64)) ** 2)).toBeCloseTo(1, 0);
});

test("a box is told by its middle, and places just outside of it", async () => {
  await using segmenter = await openHubSegmenter(path.join(root, "owner/sam"));
  const { x, y } = shapeOf((await segmenter.segment(picture, { box: [10, 0, 50, 40] })).mask);
  expect([Math.abs(x - 30) < 1.5, Math.abs(y - 20) < 1.5]).toEqual([true, true]);
});

test("what is not there, or is something else, is said", async () => {
  await expect(openHubSegmenter("owner/none", { cacheDir: root })).rejects.toThrow(
    `segmenter "owner/none": the weights are not in "${path.join(root, "owner/none")}". Allow downloads`,
  );
  await writeFileAtomic(path.join(root, "other/config.json"), '{"model_type": "detr"}');
  await expect(openHubSegmenter(path.join(root, "other"))).rejects.toThrow(
    'the model must be of the type sam, got "detr".',
  );
});
