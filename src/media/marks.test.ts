import { expect, test } from "vitest";
import { colorName, cropImage, drawBoxes, nameColors, type Raster } from "./index.ts";

function plain(width: number, height: number, [r, g, b]: [number, number, number]): Raster {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i += 3) pixels.set([r, g, b], i);
  return { width, height, channels: 3, pixels };
}
const at = ({ width, pixels }: Raster, x: number, y: number) => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test("a crop has the pixels of its box; a box that reaches out is refused", () => {
  const image = plain(4, 3, [0, 0, 0]);
  image.pixels.set([9, 8, 7], (2 * 4 + 3) * 3);
  const cut = cropImage(image, [2, 1, 4, 3]);
  expect([cut.width, cut.height, at(cut, 1, 1), at(cut, 0, 0)]).toEqual([2, 2, [9, 8, 7], [0, 0, 0]]);
  expect(() => cropImage(image, [2, 1, 5, 3])).toThrow("box must be whole pixels inside 4 x 3");
});

test("boxes are drawn where they are, on a copy; a label's markup stays text", async () => {
  const image = plain(120, 120, [255, 255, 255]);
  const label = '</text><image href="file:///etc/passwd"/>';
  const drawn = await drawBoxes(image, [{ box: [20, 40, 60, 100] }, { box: [70, 40, 110, 100], label }]);
  expect(at(drawn, 20, 70)).toEqual([213, 94, 0]);
  expect(at(drawn, 40, 70)).toEqual([255, 255, 255]);
  expect(at(drawn, 70, 80)[2]).toBeGreaterThan(150);
  expect(at(image, 20, 70)).toEqual([255, 255, 255]);
});

test.each([
  [[255, 0, 0], "red"],
  [[10, 10, 12], "black"],
  [[250, 250, 250], "white"],
  [[128, 128, 128], "gray"],
  [[255, 140, 0], "orange"],
  [[139, 69, 19], "brown"],
  [[255, 235, 0], "yellow"],
  [[0, 128, 0], "green"],
  [[0, 220, 230], "cyan"],
  [[30, 60, 220], "blue"],
  [[130, 30, 200], "purple"],
  [[255, 105, 180], "pink"],
  [[245, 222, 179], "beige"],
] as const)("%j is called %s", ([r, g, b], name) => {
  expect(colorName(r, g, b)).toBe(name);
});

test("shares add up, the largest first, and specks are left out", () => {
  const image = plain(10, 10, [0, 0, 255]);
  for (let i = 0; i < 30; i++) image.pixels.set([255, 0, 0], i * 3);
  image.pixels.set([0, 255, 0], 99 * 3);
  expect(nameColors(image)).toEqual([
    { name: "blue", hex: "#0000ff", share: 0.69 },
    { name: "red", hex: "#ff0000", share: 0.3 },
  ]);
});
