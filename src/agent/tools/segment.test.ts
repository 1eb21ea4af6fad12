import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../../media/index.ts";
import { createRng } from "../../util/rng.ts";
import { grabCut } from "./grab-cut.ts";
import { segmentTool } from "./segment.ts";
import type { Segmenter, SegmentPrompt } from "./segmenter.ts";

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
    takesPoints: false,
    segment: async ({ width, pixels }, prompt) => {
      const [, y1] = "box" in prompt ? prompt.box : [];
      return new Uint8Array(pixels.length / 3).map((_, i) => Number(i % width < 20 && i >= y1! * width));
    },
  };
  const { value, images, backend } = await run(segmenter, await disc(40, 10), [0, 10, 40, 40]);
  expect([value, backend]).toEqual([
    { found: true, image: "image_1/segment_1", box: [0, 10, 20, 40], area: 600, share: 0.375 },
    "left-half",
  ]);
  const cut = await decodeImage(images![0]!.bytes);
  expect([...cut.pixels.subarray((15 * 40 + 25) * 3, (15 * 40 + 25) * 3 + 3)]).toEqual([255, 255, 255]);
  expect(cut.pixels[(20 * 40 + 15) * 3 + 2]).toBeGreaterThan(190);
  const empty: Segmenter = {
    name: "none",
    takesPoints: false,
    segment: async () => new Uint8Array(1600),
  };
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

test("a segmenter that takes points is told points on the thing and beside it, or a box, and not both", async () => {
  const told: SegmentPrompt[] = [];
  const segmenter: Segmenter = {
    name: "points",
    takesPoints: true,
    segment: async (_, prompt) => {
      told.push(prompt);
      return new Uint8Array(1600).fill(1);
    },
  };
  const tool = segmentTool(segmenter);
  const bytes = await disc(40, 10);
  const use = (input: object) =>
    tool.run(
      { image: "image_1", ...input },
      { image: () => ({ handle: "image_1", bytes, mediaType: "image/png" }) },
    );
  await use({ points: [[3, 4]], beside: [[5, 6]] });
  await use({ box: [30, 1, 2, 9] });
  expect(told).toEqual([
    {
      points: [
        { at: [3, 4], on: true },
        { at: [5, 6], on: false },
      ],
    },
    { box: [2, 1, 30, 9] },
  ]);
  await expect(use({})).rejects.toThrow("segment: needs either a box or points, got neither.");
  await expect(use({ box: [0, 0, 1, 1], points: [[1, 1]] })).rejects.toThrow("got both");
  await expect(use({ points: [[40, 1]] })).rejects.toThrow(
    "points must lie in the picture of 40 x 40 pixels, got [40, 1].",
  );
  expect(JSON.stringify(segmentTool({ ...segmenter, takesPoints: false }).inputSchema)).not.toContain(
    "points",
  );
});
