import { assert } from "../errors/index.ts";
import type { Box } from "../spec/index.ts";
import type { Raster } from "./raster.ts";

/** Cuts a box of whole pixels, which must lie inside, out of a picture. */
export function cropImage({ width, height, pixels }: Raster, box: Box): Raster {
  const [x1, y1, x2, y2] = box;
  const fits = x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height && x1 < x2 && y1 < y2;
  assert(
    fits && box.every(Number.isInteger),
    "media.cropImage",
    `box must be whole pixels inside ${width} x ${height}`,
    `[${box.join(", ")}]`,
  );
  const cut = new Uint8Array((x2 - x1) * (y2 - y1) * 3);
  for (let y = y1; y < y2; y++)
    cut.set(pixels.subarray((y * width + x1) * 3, (y * width + x2) * 3), (y - y1) * (x2 - x1) * 3);
  return { width: x2 - x1, height: y2 - y1, channels: 3, pixels: cut };
}
