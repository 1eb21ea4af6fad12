// A model that takes square pictures sees a picture of another shape whole, with bars beside it, never stretched or
// cropped. The bars get the mean colour of the picture's border, so that they look like more background.
import { assert } from "../errors/index.ts";
import type { Raster } from "./raster.ts";
import { resizeImage } from "./resize.ts";

export interface FitOptions {
  /** Colour of the bars: the mean of the picture's border, or one [red, green, blue]. @default "border" */
  background?: "border" | [number, number, number];
}

/** Pads a picture to a square and resizes the square to `size` pixels a side. */
export async function fitSquare(
  image: Raster,
  size: number,
  { background = "border" }: FitOptions = {},
): Promise<Raster> {
  assert(
    Number.isInteger(size) && size > 0,
    "media.fitSquare",
    "size must be a whole number above 0",
    `${size}`,
  );
  const scale = size / Math.max(image.width, image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const inner = await resizeImage(image, width, height);
  if (width === size && height === size) return inner;
  const colour = background === "border" ? borderColour(image) : background;
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colour[i % 3]!;
  const left = Math.floor((size - width) / 2);
  const top = Math.floor((size - height) / 2);
  for (let y = 0; y < height; y++) {
    const row = inner.pixels.subarray(y * width * 3, (y + 1) * width * 3);
    pixels.set(row, ((y + top) * size + left) * 3);
  }
  return { width: size, height: size, channels: 3, pixels };
}

/** Mean colour of the outermost pixels. */
export function borderColour({ width, height, pixels }: Raster): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  const add = (x: number, y: number) => {
    const at = (y * width + x) * 3;
    for (let c = 0; c < 3; c++) sum[c]! += pixels[at + c]!;
    count++;
  };
  for (let x = 0; x < width; x++) {
    add(x, 0);
    if (height > 1) add(x, height - 1);
  }
  for (let y = 1; y < height - 1; y++) {
    add(0, y);
    if (width > 1) add(width - 1, y);
  }
  return sum.map((s) => Math.round(s / count)) as [number, number, number];
}
