import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../../media/index.ts";
import { createRng } from "../../util/rng.ts";
import { grabCut, type Segmenter } from "./grab-cut.ts";
import { segmentTool } from "./segment.ts";

const installed = (() => {
  try {
    createRequire(import.meta.url).resolve("@techstark/opencv-js");
    return true;
  } catch {
    return false;
  }
})();

/** A noisy blue disc on noisy sand. */
async function disc(side: number, radius: number) {
  const rng = createRng("disc");
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0, i = 0; y < side; y++)
    for (let x = 0; x < side; x++, i += 3) {
      const inside = (x - side / 2) ** 2 + (y - side / 2) ** 2 < radius ** 2;
      pixels.set(
        (inside ? [30, 60, 200] : [220, 200, 150]).map((value) => value + rng.int(20)),
        i,
      );
    }
  return encodePng(pixels, side, side);
}
const run = async (segmenter: Segmenter, bytes: Uint8Array, box: number[]) =>
  segmentTool(segmenter).run(
    { image: "image_1", box },
    { image: () => ({ handle: "image_1", bytes, mediaType: "image/png" }) },
  );

test("the tool gives the tight box, the area, and a picture with everything else white", async () => {
  const segmenter: Segmenter = {
    name: "left-half",
    segment: async ({ width, pixels }, [, y1]) =>
      new Uint8Array(pixels.length / 3).map((_, i) => Number(i % width < 20 && i >= y1 * width)),
  };
  const { value, images, backend } = await run(segmenter, await disc(40, 10), [0, 10, 40, 40]);
  expect([value, backend]).toEqual([
    { found: true, image: "image_1/segment_1", box: [0, 10, 20, 40], area: 600, share: 0.375 },
    "left-half",
  ]);
  const cut = await decodeImage(images![0]!.bytes);
  expect([...cut.pixels.subarray((15 * 40 + 25) * 3, (15 * 40 + 25) * 3 + 3)]).toEqual([255, 255, 255]);
  expect(cut.pixels[(20 * 40 + 15) * 3 + 2]).toBeGreaterThan(190);
  const empty: Segmenter = { name: "none", segment: async () => new Uint8Array(1600) };
  expect((await run(empty, await disc(40, 10), [0, 0, 9, 9])).value).toEqual({ found: false });
});

test("without the package the error says how to install it", async () => {
  const nowhere = grabCut({ from: pathToFileURL(path.join(os.tmpdir(), "nowhere", "file.js")).href });
  await expect(run(nowhere, await disc(40, 10), [5, 5, 35, 35])).rejects.toThrow(
    "segment: segmenting needs the package @techstark/opencv-js, which is not installed. Run: npm install @techstark/opencv-js@4.12.0-release.1",
  );
});

test.skipIf(!installed)("GrabCut finds a disc, also in a picture that it shrinks", async () => {
  for (const [side, radius] of [
    [120, 30],
    [600, 150],
  ] as const) {
    const from = side / 2 - radius - side / 20;
    const { value } = await run(grabCut(), await disc(side, radius), [from, from, side - from, side - from]);
    const { area } = value as { area: number };
    expect(Math.abs(area / (Math.PI * radius ** 2) - 1)).toBeLessThan(0.05);
  }
});
