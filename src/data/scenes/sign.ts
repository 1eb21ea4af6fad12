// Draws a word: capital letters one by one, evenly spaced along a slightly tilted line, with or without a plate.
import type { Rng } from "../../util/rng.ts";
import { blend, drawColor } from "./background.ts";
import { type Canvas, type Color, drawSprite, tint, turn } from "./canvas.ts";
import type { Look } from "./looks.ts";
import type { World } from "./world.ts";

/** Owner number of the first letter; objects have smaller ones. */
export const firstLetterOwner = 1000;
const minLuminanceGap = 85;
const minContrast = 60;

/** Where the letters stand. */
export interface Sign {
  text: string;
  letters: { char: string; x: number; y: number }[];
  /** Half of the height of the line. */
  halfHeight: number;
}

/** Draws the word on a canvas; undefined when it would be hard to read on this background. */
export function drawSign(
  canvas: Canvas,
  world: World,
  text: string,
  { letters: look }: Look,
  rng: Rng,
): Sign | undefined {
  const { size } = canvas;
  const { cos, sin } = turn(rng.range(-6, 6));
  const widest = Math.min(look.advance[1], (size - 5) / text.length);
  const advance = rng.range(look.advance[0] / cos, widest);
  const height = rng.range(look.height[0], Math.min(look.height[1], advance * 1.5));
  const reach = ((text.length - 1) * advance) / 2;
  const marginX = reach * cos + advance / 2 + 1;
  const marginY = reach * Math.abs(sin) + height / 2 + 3;
  const x = rng.range(marginX, size - marginX);
  const y = rng.range(marginY, size - marginY);
  const set = rng.pick(world.fonts);
  const plate = rng.chance(0.5) ? drawColor(rng) : undefined;
  if (plate)
    paintPlate(canvas, [x, y, reach + advance * 0.6, height * 0.72, cos, sin], plate, rng.range(0.75, 1));
  const behind = plate ?? colorAt(canvas, x, y, reach);
  let color = drawColor(rng);
  for (let n = 0; n < 20 && Math.abs(luminance(color) - luminance(behind)) < minLuminanceGap; n++)
    color = drawColor(rng);
  if (Math.abs(luminance(color) - luminance(behind)) < minLuminanceGap)
    color = luminance(behind) > 127 ? [15, 15, 20] : [245, 245, 240];
  const letters: Sign["letters"] = [];
  for (let i = 0; i < text.length; i++) {
    const along = i * advance - reach;
    const sprite = set.glyphs[text.charCodeAt(i) - 65]!;
    const { width, height: full } = sprite.levels[0]!;
    const letter = { char: text[i]!, x: x + along * cos, y: y + along * sin };
    const drawn = drawSprite(
      canvas,
      world.pixels,
      sprite,
      {
        ...{ x: letter.x, y: letter.y, cos, sin },
        width: Math.min((height * width) / full, advance * 0.93),
        height,
        mirror: false,
      },
      tint(color),
      firstLetterOwner + i,
    );
    if (drawn.contrast < minContrast) return undefined;
    letters.push(letter);
  }
  return { text, letters, halfHeight: height / 2 };
}

type Plate = [x: number, y: number, halfWidth: number, halfHeight: number, cos: number, sin: number];

function paintPlate(
  { pixels, size }: Canvas,
  [x, y, halfWidth, halfHeight, cos, sin]: Plate,
  color: Color,
  alpha: number,
): void {
  const reach = halfWidth + halfHeight;
  for (let py = Math.max(0, Math.floor(y - reach)); py < Math.min(size, y + reach); py++)
    for (let px = 0; px < size; px++) {
      const u = cos * (px + 0.5 - x) + sin * (py + 0.5 - y);
      const v = cos * (py + 0.5 - y) - sin * (px + 0.5 - x);
      if (Math.abs(u) < halfWidth && Math.abs(v) < halfHeight)
        blend(pixels, (py * size + px) * 3, color, alpha);
    }
}

/** Mean colour along the line that the word will stand on. */
function colorAt({ pixels, size }: Canvas, x: number, y: number, reach: number): Color {
  const sum: [number, number, number] = [0, 0, 0];
  const row = Math.floor(y);
  const from = Math.max(0, Math.floor(x - reach));
  const to = Math.min(size - 1, Math.floor(x + reach));
  for (let px = from; px <= to; px++)
    for (let c = 0; c < 3; c++) sum[c]! += pixels[(row * size + px) * 3 + c]!;
  const n = to - from + 1;
  return [sum[0] / n, sum[1] / n, sum[2] / n];
}

function luminance([r, g, b]: Color): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
