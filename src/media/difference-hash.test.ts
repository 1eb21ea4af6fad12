import sharp from "sharp";
import { expect, test } from "vitest";
import { createRng } from "../util/rng.ts";
import { differenceHash, encodePng, hammingDistance, inspectImage } from "./index.ts";

/** A picture of random blocks, the same for the same seed. */
async function blocks(seed: number, width = 240, height = 180): Promise<Uint8Array> {
  const rng = createRng("blocks", seed);
  const colours = Array.from({ length: 12 * 9 }, () => rng.int(256));
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colours[Math.floor((y * 9) / height) * 12 + Math.floor((x * 12) / width)]!;
      pixels.fill(colour, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return encodePng(pixels, width, height);
}

test("the hash of a ramp is by hand: all bits where it gets lighter to the right, none where darker", async () => {
  const ramp = (turned: boolean) => {
    const pixels = new Uint8Array(90 * 80);
    for (let i = 0; i < pixels.length; i++) pixels[i] = turned ? 255 - (i % 90) * 2 : (i % 90) * 2;
    return encodePng(pixels, 90, 80, 1);
  };
  expect([...(await differenceHash(await ramp(false)))]).toEqual(Array(8).fill(255));
  expect([...(await differenceHash(await ramp(true)))]).toEqual(Array(8).fill(0));
});

test("a resized, recompressed copy is near, another picture is far", async () => {
  const [original, other] = [await blocks(1), await blocks(2)];
  const copy = await sharp(original).resize(97, 71).jpeg({ quality: 40 }).toBuffer();
  const hash = await differenceHash(original);
  expect(hammingDistance(hash, await differenceHash(copy))).toBeLessThanOrEqual(4);
  expect(hammingDistance(hash, await differenceHash(other))).toBeGreaterThan(15);
  expect(hammingDistance(Uint8Array.of(0b1011, 0), Uint8Array.of(0b0001, 0xff))).toBe(10);
});

test("facts: the upright size, the rotation, and an error for a picture that cannot be decoded whole", async () => {
  const turned = await sharp(await blocks(1))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  expect(await inspectImage(turned)).toEqual({
    ...{ mediaType: "image/jpeg", width: 180, height: 240, orientation: 6 },
  });
  await expect(inspectImage(turned.subarray(0, turned.length / 2))).rejects.toThrow(
    "whole, undamaged picture",
  );
  await expect(inspectImage(await blocks(1), { maxPixels: 1000 })).rejects.toThrow("at most 1,000 pixels");
});
