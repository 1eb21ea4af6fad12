import { expect, test } from "vitest";
import { adjustColor, createCanvas, drawSprite, sceneSize, tint, turn } from "./canvas.ts";
import { AtlasBuilder } from "./world.ts";

/** A 4 x 2 sprite: red, green, blue, half-transparent white above; black below. */
function sprite() {
  const atlas = new AtlasBuilder();
  const top = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 100, 100, 100, 100];
  const bottom = Array.from({ length: 4 }, () => [0, 0, 0, 255]).flat();
  const result = atlas.add({ data: Uint8Array.from([...top, ...bottom]), width: 4, height: 2 });
  return { sprite: result, pixels: atlas.pack() };
}

const upright = { x: 12, y: 11, width: 4, height: 2, cos: 1, sin: 0, mirror: false };
const plain = adjustColor(0, 1, 1);
const pixel = ({ pixels }: { pixels: Uint8Array }, x: number, y: number) => [
  ...pixels.subarray((y * sceneSize + x) * 3, (y * sceneSize + x) * 3 + 3),
];

test("drawn upright at its own size a sprite keeps its pixels, and alpha mixes with what is behind", () => {
  const canvas = createCanvas();
  canvas.pixels.fill(200);
  const { sprite: art, pixels } = sprite();
  const drawn = drawSprite(canvas, pixels, art, upright, plain, 3);
  expect(pixel(canvas, 10, 10)).toEqual([255, 0, 0]);
  expect(pixel(canvas, 11, 10)).toEqual([0, 255, 0]);
  expect(pixel(canvas, 12, 10)).toEqual([0, 0, 255]);
  expect(pixel(canvas, 13, 10)).toEqual([222, 222, 222]); // 100 + 200 * (155 / 255)
  expect(pixel(canvas, 10, 11)).toEqual([0, 0, 0]);
  expect(pixel(canvas, 14, 10)).toEqual([200, 200, 200]);
  expect(drawn).toEqual({ pixels: 7, contrast: 200, inside: true });
  const owned = [...canvas.owner.entries()].filter(([, who]) => who === 3).map(([i]) => i);
  const row = 10 * sceneSize;
  expect(owned).toEqual([row + 10, row + 11, row + 12, ...[10, 11, 12, 13].map((x) => row + sceneSize + x)]);
});

test("mirrored, turned and recoloured", () => {
  const { sprite: art, pixels } = sprite();
  const mirrored = createCanvas();
  drawSprite(mirrored, pixels, art, { ...upright, mirror: true }, plain, 0);
  expect([12, 13].map((x) => pixel(mirrored, x, 10))).toEqual([
    [0, 255, 0],
    [255, 0, 0],
  ]);
  const turned = createCanvas();
  drawSprite(turned, pixels, art, { ...upright, ...turn(90), y: 12 }, plain, 0);
  // A quarter turn clockwise: the left end comes to the top, the upper row to the right.
  expect([10, 11, 12].map((y) => pixel(turned, 12, y))).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ]);
  const tinted = createCanvas();
  drawSprite(tinted, pixels, art, upright, tint([255, 51, 0]), 0);
  expect(pixel(tinted, 13, 10)).toEqual([100, 20, 0]);
});

test("a sprite that leaves the picture says so", () => {
  const { sprite: art, pixels } = sprite();
  const drawn = drawSprite(createCanvas(), pixels, art, { ...upright, x: 0 }, plain, 0);
  expect(drawn.inside).toBe(false);
  expect(drawn.pixels).toBe(3);
});

test("small drawings use a smaller level, so thin lines do not flicker", () => {
  const atlas = new AtlasBuilder();
  const data = new Uint8Array(32 * 32 * 4);
  for (let i = 0; i < 32 * 32; i++) if (i % 2 === 0) data.fill(255, i * 4, i * 4 + 4);
  const { levels, coverage } = atlas.add({ data, width: 32, height: 32 });
  expect(levels.map(({ width }) => width)).toEqual([32, 16, 8]);
  expect(coverage).toBe(0.5);
  const canvas = createCanvas();
  const place = { x: 50, y: 50, width: 8, height: 8, cos: 1, sin: 0, mirror: false };
  drawSprite(canvas, atlas.pack(), { levels, coverage }, place, plain, 0);
  for (let x = 47; x < 53; x++) expect(pixel(canvas, x, 50)).toEqual([128, 128, 128]);
});

test("colour changes: grey stays grey, no saturation leaves luminance, angles are rounded", () => {
  const grey = adjustColor(20, 1.3, 1);
  for (let row = 0; row < 3; row++)
    expect(grey[row * 3]! + grey[row * 3 + 1]! + grey[row * 3 + 2]!).toBeCloseTo(1, 3);
  expect(adjustColor(0, 0, 1).slice(0, 3)).toEqual([0.213, 0.715, 0.072]);
  expect(turn(30)).toEqual({ cos: 0.866025, sin: 0.5 });
});
