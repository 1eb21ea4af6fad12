import { assert } from "../errors/index.ts";

/** Encodes 8-bit pixels (1 grey, 3 RGB or 4 RGBA channels) as a PNG file. */
export async function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4 = 3,
): Promise<Uint8Array> {
  assert(
    pixels.length === width * height * channels,
    "media.encodePng",
    `pixels must hold ${width} x ${height} x ${channels} = ${width * height * channels} bytes`,
    String(pixels.length),
  );
  const { default: sharp } = await import("sharp");
  const file = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
  return new Uint8Array(await (channels === 1 ? file.toColourspace("b-w") : file).png().toBuffer());
}
