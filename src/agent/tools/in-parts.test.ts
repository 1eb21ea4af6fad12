import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../../media/index.ts";
import type { Box } from "../../spec/index.ts";
import type { DetectedThing, GroundingEye } from "./detector.ts";
import { inParts, partsOf } from "./in-parts.ts";

/** White squares on black, as [x, y, side]. */
async function picture(width: number, height: number, squares: readonly (readonly number[])[]) {
  const pixels = new Uint8Array(width * height * 3);
  for (const [left, top, side] of squares as [number, number, number][])
    for (let y = top; y < top + side; y++)
      pixels.fill(255, (y * width + left) * 3, (y * width + left + side) * 3);
  return encodePng(pixels, width, height);
}

/** An eye that sees one white rectangle a row and column apart, by flood; larger ones are surer. */
function eye(looks: number[] = []): GroundingEye {
  const see = async (bytes: Uint8Array): Promise<DetectedThing[]> => {
    const { width, height, pixels } = await decodeImage(bytes);
    looks.push(width);
    const isWhite = (x: number, y: number) =>
      x >= 0 && y >= 0 && x < width && y < height && pixels[(y * width + x) * 3]! > 127;
    const things: DetectedThing[] = [];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (!isWhite(x, y) || isWhite(x - 1, y) || isWhite(x, y - 1)) continue;
        let [x2, y2] = [x, y];
        while (isWhite(x2, y)) x2++;
        while (isWhite(x, y2)) y2++;
        things.push({ name: "A", box: [x, y, x2, y2], score: (x2 - x) / 1000 });
      }
    return things;
  };
  return {
    name: "eye",
    vocabulary: async () => [],
    detect: see,
    letters: see,
    ground: () => Promise.reject(new Error("not here")),
    dispose: async () => undefined,
  };
}

test("what parts cut off, and what several show, is one thing in pixels of the picture", async () => {
  const squares = [
    [2, 3, 10],
    [90, 40, 12],
    [60, 44, 9],
    [150, 80, 20],
  ] as const;
  const looks: number[] = [];
  const seen = inParts(eye(looks), 40);
  expect(seen.name).toBe("eye, parts of 40");
  const found = await seen.letters(await picture(170, 100, squares), {});
  const wanted = squares.map(([x, y, side]): Box => [x, y, x + side, y + side]).sort((a, b) => a[0] - b[0]);
  expect(found.map(({ box }) => box)).toEqual(wanted);
  expect(new Set(looks)).toEqual(new Set([40]));
});

test("a picture that is about as large as a part is seen whole", async () => {
  const looks: number[] = [];
  await inParts(eye(looks), 40).detect(await picture(50, 20, [[0, 0, 5]]), {});
  expect(looks).toEqual([50]);
});

test("parts cover the picture, and any square of half a part is whole in one of them", () => {
  const side = 20;
  fc.assert(
    fc.property(
      fc.integer({ min: 21, max: 200 }),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(),
      (width, height, seed) => {
        const parts = partsOf(width, height, side);
        const small = Math.min(side / 2, height);
        const [x, y] = [seed % (width - small + 1), seed % (height - small + 1)];
        expect(
          parts.some(([x1, y1, x2, y2]) => x1 <= x && y1 <= y && x2 >= x + small - 1 && y2 >= y + small - 1),
        ).toBe(true);
        for (const [x1, y1, x2, y2] of parts)
          expect([x1 >= 0, y1 >= 0, x2 <= width, y2 <= height]).toEqual([true, true, true, true]);
      },
    ),
  );
});
