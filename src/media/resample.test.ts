// Against Pillow, by the gold of scripts/gold/processors.py.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readSafetensors } from "../tune/safetensors.ts";
import { decodeImage } from "./decode.ts";
import { type ResampleFilter, resampleImage } from "./resample.ts";

const fixtures = path.join(import.meta.dirname, "../../test/fixtures/processors");

test("every filter, enlarging and shrinking, gives Pillow's bytes", async () => {
  const { tensors } = await readSafetensors(path.join(fixtures, "resample.safetensors"));
  expect(tensors.size).toBe(18);
  for (const [name, { data }] of tensors) {
    const [, filter, picture, width, height] = /^(\w+)\.(\d)\.(\d+)x(\d+)$/.exec(name)!;
    const image = await decodeImage(await readFile(path.join(fixtures, `pictures/${picture}.png`)));
    const resized = resampleImage(image, Number(width), Number(height), filter as ResampleFilter);
    expect([resized.width, resized.height]).toEqual([Number(width), Number(height)]);
    expect(Float32Array.from(resized.pixels), name).toEqual(data);
  }
});

test("a size that is no size is refused", () => {
  const image = { width: 1, height: 1, channels: 3 as const, pixels: new Uint8Array(3) };
  expect(() => resampleImage(image, 0, 3, "bicubic")).toThrow(
    "media.resampleImage: width and height must be whole numbers above 0, got 0x3.",
  );
});
