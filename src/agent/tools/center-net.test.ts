import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { encodePng } from "../../media/index.ts";
import { centerNet, cocoNames, thingsOf } from "./center-net.ts";

/** Rows of the network: box in the square of 512 pixels, score, class. */
const rows = (...list: number[][]) => Float32Array.from(list.flat());
const [cat, dog] = [cocoNames.indexOf("cat"), cocoNames.indexOf("dog")];

test("the eighty kinds of COCO, in its order", () => {
  expect(cocoNames).toHaveLength(80);
  expect([cocoNames[0], cocoNames[9], cocoNames[16], cocoNames[62], cocoNames[79]]).toEqual([
    "person",
    "traffic light",
    "dog",
    "tv",
    "toothbrush",
  ]);
});

test("boxes come back from the square to the picture in its middle", () => {
  const wide = thingsOf(rows([0, 128, 512, 384, 0.9, cat]), { width: 1024, height: 512 }, 0.35);
  expect(wide).toEqual([{ name: "cat", box: [0, 0, 1024, 512], score: expect.closeTo(0.9) }]);
  const tall = thingsOf(rows([128, 0, 256, 256, 0.9, cat]), { width: 128, height: 256 }, 0.35);
  expect(tall[0]!.box).toEqual([0, 0, 64, 128]);
});

test("of boxes of one kind on the same thing the surest stays; unsure, empty and unknown ones are left out", () => {
  const found = thingsOf(
    rows(
      [0, 0, 100, 100, 0.5, cat],
      [2, 2, 100, 100, 0.6, cat],
      [1, 1, 100, 100, 0.55, dog],
      [300, 300, 400, 400, 0.4, cat],
      [0, 0, 100, 100, 0.3, cat],
      [600, 0, 700, 100, 0.9, cat],
      [0, 0, 100, 100, 0.9, 91],
    ),
    { width: 512, height: 512 },
    0.35,
  );
  expect(found.map(({ name, box }) => [name, box[0]])).toEqual([
    ["cat", 2],
    ["dog", 1],
    ["cat", 300],
  ]);
});

test("without the packages the error says how to install them", async () => {
  const nowhere = centerNet({ from: pathToFileURL(path.join(os.tmpdir(), "nowhere", "file.js")).href });
  expect(await nowhere.vocabulary()).toContain("traffic light");
  const picture = await encodePng(new Uint8Array(12), 2, 2);
  await expect(nowhere.detect(picture, {})).rejects.toThrow(
    /^centerNet: needs the packages @vladmandic\/human-models, .* which are not all installed\. Run: npm install @vladmandic\/human-models@3\.0\.4 /,
  );
});

// The packages are half a gigabyte: SIGHTLINE_PACKAGES is a folder in which they are installed.
test.skipIf(!process.env.SIGHTLINE_PACKAGES)(
  "the network runs, and finds nothing on a grey wall",
  async () => {
    const from = pathToFileURL(path.join(process.env.SIGHTLINE_PACKAGES!, "file.js")).href;
    const detector = centerNet({ from });
    expect(await detector.detect(await encodePng(new Uint8Array(64 * 48 * 3).fill(128), 64, 48), {})).toEqual(
      [],
    );
    await detector.dispose();
  },
);
