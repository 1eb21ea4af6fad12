// Resizing as Pillow 13 does it, to the last bit: what processors of Hugging Face's models call "resample". Two passes, each an
// antialiased filter with fixed-point weights whose result is rounded to a byte, along the rows first unless the height shrinks by
// much more than the width (before 13, Pillow had no such exception). Slower than libvips (see `resizeImage`), and for pictures that a
// model must see exactly as in its training.
import { assert } from "../errors/index.ts";
import type { Raster } from "./raster.ts";

export type ResampleFilter = keyof typeof filters;

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** How far each filter reaches in pixels, and its value at a distance. "bicubic" is Keys' cubic with a = -1/2. */
const filters = {
  bilinear: { reach: 1, at: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    reach: 2,
    at(x: number) {
      const d = Math.abs(x);
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
      return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    },
  },
  lanczos: { reach: 3, at: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;

/** Fractional bits of a weight: 32 less 8 for the byte and 2 for overshoot. */
const ONE = 2 ** 22;

/** Resizes to exactly this size; the shape is not kept. */
export function resampleImage(image: Raster, width: number, height: number, filter: ResampleFilter): Raster {
  const isSize = (n: number) => Number.isInteger(n) && n > 0;
  const rule = "width and height must be whole numbers above 0";
  assert(isSize(width) && isSize(height), "media.resampleImage", rule, `${width}x${height}`);
  const shrunk = image.height - height;
  const columnsFirst = shrunk > 0 && shrunk > 2 * (image.width - width);
  const { pixels } = columnsFirst
    ? alongRows(alongColumns(image, height, filter), width, filter)
    : alongColumns(alongRows(image, width, filter), height, filter);
  return { width, height, channels: 3, pixels };
}

function alongRows(image: Raster, width: number, filter: ResampleFilter): Raster {
  if (width === image.width) return image;
  const rows = { lines: image.height, line: image.width * 3, step: 3 };
  const to = { line: width * 3, step: 3 };
  return { ...image, width, pixels: resampleLines(image.pixels, taps(image.width, width, filter), rows, to) };
}

function alongColumns(image: Raster, height: number, filter: ResampleFilter): Raster {
  if (height === image.height) return image;
  const step = image.width * 3;
  const columns = { lines: image.width, line: 3, step };
  const to = { line: 3, step };
  return {
    ...image,
    height,
    pixels: resampleLines(image.pixels, taps(image.height, height, filter), columns, to),
  };
}

/** For each output pixel of a line: the first input pixel that counts, and the weights from there on. */
interface Taps {
  starts: number[];
  weights: number[][];
}

function taps(from: number, to: number, filter: ResampleFilter): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const { reach, at } = filters[filter];
  const starts: number[] = [];
  const weights: number[][] = [];
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach * stretch + 0.5));
    const end = Math.min(from, Math.trunc(center + reach * stretch + 0.5));
    const raw = Array.from({ length: end - start }, (_, k) => at((k + start - center + 0.5) / stretch));
    const sum = raw.reduce((a, b) => a + b, 0);
    starts.push(start);
    weights.push(raw.map((w) => Math.trunc((w / sum) * ONE + (w < 0 ? -0.5 : 0.5))));
  }
  return { starts, weights };
}

/** Filters every line: `line` is the way from a line's start to the next one's, `step` from a pixel to the next. */
function resampleLines(
  pixels: Uint8Array,
  { starts, weights }: Taps,
  from: { lines: number; line: number; step: number },
  to: { line: number; step: number },
): Uint8Array {
  const result = new Uint8Array(from.lines * starts.length * 3);
  for (let l = 0; l < from.lines; l++)
    for (let i = 0; i < starts.length; i++) {
      const w = weights[i]!;
      let at = l * from.line + starts[i]! * from.step;
      let [red, green, blue] = [ONE / 2, ONE / 2, ONE / 2];
      for (let k = 0; k < w.length; k++, at += from.step) {
        const weight = w[k]!;
        red += weight * pixels[at]!;
        green += weight * pixels[at + 1]!;
        blue += weight * pixels[at + 2]!;
      }
      const out = l * to.line + i * to.step;
      result[out] = toByte(red);
      result[out + 1] = toByte(green);
      result[out + 2] = toByte(blue);
    }
  return result;
}

function toByte(sum: number): number {
  return Math.min(255, Math.max(0, Math.floor(sum / ONE)));
}
