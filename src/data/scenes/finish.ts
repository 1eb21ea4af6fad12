// What a camera would add: now and then a soft blur or a little noise over the whole picture.
import type { Rng } from "../../util/rng.ts";
import type { Canvas } from "./canvas.ts";

/** Blurs one picture in eight and adds noise to one in six. */
export function finishPicture(canvas: Canvas, rng: Rng): void {
  if (rng.chance(0.125)) blur(canvas, rng.range(0.3, 1));
  if (rng.chance(0.16)) addNoise(canvas.pixels, rng.range(4, 16), rng);
}

/** Mixes in the 1-2-1 average of neighbours, across and then down; edges keep their colour. */
function blur({ pixels, size }: Canvas, amount: number): void {
  for (const [step, run] of [
    [3, size * 3],
    [size * 3, 3],
  ] as const)
    for (let line = 0; line < size; line++)
      for (let c = 0; c < 3; c++) {
        const start = line * run + c;
        let before = pixels[start]!;
        for (let i = 1; i < size - 1; i++) {
          const o = start + i * step;
          const here = pixels[o]!;
          const soft = (before + 2 * here + pixels[o + step]!) / 4;
          pixels[o] = here + (soft - here) * amount + 0.5;
          before = here;
        }
      }
}

function addNoise(pixels: Uint8Array, strength: number, rng: Rng): void {
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]! + (rng.next() - 0.5) * 2 * strength;
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
  }
}
