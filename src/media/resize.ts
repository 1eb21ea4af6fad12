import { assert } from "../errors/index.ts";
import type { Raster } from "./raster.ts";

/** Resizes to exactly this size with an antialiased Lanczos-3 filter; the shape is not kept. */
export async function resizeImage(image: Raster, width: number, height: number): Promise<Raster> {
  assert(
    Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0,
    "media.resizeImage",
    "width and height must be whole numbers above 0",
    `${width}x${height}`,
  );
  if (image.width === width && image.height === height) return image;
  const { default: sharp } = await import("sharp");
  const raw = { width: image.width, height: image.height, channels: 3 } as const;
  const data = await sharp(image.pixels, { raw, limitInputPixels: false })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .raw()
    .toBuffer();
  return { width, height, channels: 3, pixels: new Uint8Array(data) };
}
