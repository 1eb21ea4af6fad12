import { expect, test } from "vitest";
import { borderColour, fitSquare } from "./fit.ts";
import type { Raster } from "./raster.ts";
import { resizeImage } from "./resize.ts";

function solid(width: number, height: number, [r, g, b]: number[]): Raster {
  const pixels = new Uint8Array(width * height * 3).map((_, i) => [r!, g!, b!][i % 3]!);
  return { width, height, channels: 3, pixels };
}

const at = (image: Raster, x: number, y: number) => [
  ...image.pixels.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

test("a wide picture keeps its shape between bars of its border's colour", async () => {
  const wide = solid(40, 20, [200, 40, 40]);
  for (let y = 5; y < 15; y++) for (let x = 10; x < 30; x++) wide.pixels.set([0, 0, 255], (y * 40 + x) * 3);
  const square = await fitSquare(wide, 80);
  expect([square.width, square.height]).toEqual([80, 80]);
  expect(at(square, 40, 5)).toEqual([200, 40, 40]);
  expect(at(square, 40, 75)).toEqual([200, 40, 40]);
  expect(at(square, 40, 40)).toEqual([0, 0, 255]);
  expect(at(square, 2, 40)).toEqual([200, 40, 40]);
});

test("a tall picture gets bars left and right, in a colour that can be set", async () => {
  const square = await fitSquare(solid(10, 30, [9, 9, 9]), 30, { background: [128, 128, 128] });
  expect([at(square, 0, 15), at(square, 15, 15), at(square, 29, 15)]).toEqual([
    [128, 128, 128],
    [9, 9, 9],
    [128, 128, 128],
  ]);
});

test("a line of pixels survives", async () => {
  const square = await fitSquare(solid(1000, 1, [1, 2, 3]), 16);
  expect([square.width, square.height, at(square, 8, 8)]).toEqual([16, 16, [1, 2, 3]]);
});

test("resizing antialiases and hits the exact size", async () => {
  const stripes = solid(64, 64, [0, 0, 0]);
  for (let y = 0; y < 64; y++)
    for (let x = 0; x < 64; x += 2) stripes.pixels.set([255, 255, 255], (y * 64 + x) * 3);
  const small = await resizeImage(stripes, 16, 9);
  expect([small.width, small.height, small.pixels.length]).toEqual([16, 9, 16 * 9 * 3]);
  for (const value of small.pixels) expect(Math.abs(value - 127.5)).toBeLessThan(24);
});

test("the border's colour is the mean of the outermost pixels only", () => {
  const image = solid(3, 3, [30, 60, 90]);
  image.pixels.set([255, 255, 255], 4 * 3);
  expect(borderColour(image)).toEqual([30, 60, 90]);
});
