import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { inkBitmap } from "./ink.ts";
import { bendBitmap, flattenColors, paintHoles, recolor } from "./redraw.ts";
import type { Bitmap } from "./world.ts";

/** A 20 x 20 picture: a ring of this colour, 3 thick, around a hole, with one empty texel outside. */
function ring(color: readonly [number, number, number]): Bitmap {
  const data = new Uint8Array(20 * 20 * 4);
  for (let y = 1; y < 19; y++)
    for (let x = 1; x < 19; x++)
      if (x < 4 || x > 15 || y < 4 || y > 15) data.set([...color, 255], (y * 20 + x) * 4);
  return { data, width: 20, height: 20 };
}
const at = ({ data, width }: Bitmap, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4).subarray(0, 4),
];

test("holes are painted, what is outside stays empty, the drawing stays on top", () => {
  const painted = paintHoles(ring([10, 20, 30]), [200, 100, 50]);
  expect(at(painted, 10, 10)).toEqual([200, 100, 50, 255]);
  expect(at(painted, 2, 2)).toEqual([10, 20, 30, 255]);
  expect(at(painted, 0, 0)).toEqual([0, 0, 0, 0]);
});

test("flattening rounds channels to the levels and leaves alpha alone", () => {
  expect(at(flattenColors(ring([100, 140, 220]), 3, 1), 2, 2)).toEqual([128, 128, 255, 255]);
  expect(at(flattenColors(ring([100, 140, 220]), 3, 1), 10, 10)).toEqual([0, 0, 0, 0]);
});

test("recolouring multiplies, adds white and never leaves the premultiplied range", () => {
  const grey = [0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2];
  expect(at(recolor(ring([100, 100, 50]), grey, 40), 2, 2)).toEqual([90, 90, 90, 255]);
  expect(at(recolor(ring([100, 100, 50]), grey, 400), 2, 2)).toEqual([255, 255, 255, 255]);
});

test("bending moves the shape but keeps it whole", () => {
  const straight = ring([200, 10, 10]);
  const area = ({ data }: Bitmap) => data.reduce((sum, value, i) => sum + (i % 4 === 3 ? value : 0), 0) / 255;
  for (let seed = 0; seed < 20; seed++) {
    const bent = bendBitmap(straight, createRng("bend", seed));
    expect(bent.data).not.toEqual(straight.data);
    expect(area(bent) / area(straight)).toBeGreaterThan(0.85);
    expect(area(bent) / area(straight)).toBeLessThan(1.15);
  }
});

test("ink runs around the shape and takes its colours from the fill", () => {
  const drawing = ring([240, 240, 240]);
  const fill = ring([90, 0, 0]).data;
  const inked = inkBitmap(drawing, { width: 2, edgeStep: 60, fill });
  expect([inked.width, inked.height]).toEqual([24, 24]);
  // Outside by one texel: ink. In the middle of the line of the ring: the fill. Far outside: nothing.
  expect(at(inked, 2, 12)).toEqual([18, 18, 18, 255]);
  expect(at(inked, 4, 12)).toEqual([90, 0, 0, 255]);
  expect(at(inked, 0, 0)[3]).toBeLessThan(60);
});
