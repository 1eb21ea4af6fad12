// Picture bytes to RGB pixels. sharp (libvips) does the work; it is loaded on first use. Camera rotation is applied,
// transparency is put on white, and only the first frame of an animation is read.
import { InputError } from "../errors/index.ts";
import { describeBytes, type ImageMediaType, imageMediaType } from "./image-format.ts";
import type { DecodedImage } from "./raster.ts";

export interface DecodeOptions {
  /** Pictures with more pixels are refused before they are decoded. @default 40e6 */
  maxPixels?: number;
  /** Names the picture in error messages. @default "picture" */
  where?: string;
}

const hint = "Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.";

/** Decodes a picture file to RGB pixels. */
export async function decodeImage(
  bytes: Uint8Array,
  { maxPixels = 40e6, where = "picture" }: DecodeOptions = {},
): Promise<DecodedImage> {
  const mediaType = checkImageBytes(bytes, where);
  const { default: sharp } = await import("sharp");
  try {
    const options = { failOn: "truncated", limitInputPixels: false } as const;
    const { width, height } = await sharp(bytes, options).metadata();
    if (width * height > maxPixels) throw tooLarge(where, width, height, maxPixels);
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.channels === 3 ? new Uint8Array(data) : greyToRgb(data, info.channels);
    return { width: info.width, height: info.height, channels: 3, pixels, mediaType };
  } catch (error) {
    if (InputError.isInstance(error)) throw error;
    throw damaged(where, mediaType, bytes.length, error);
  }
}

/** Reads the size of a picture from its header, without decoding it. */
export async function imageSize(
  bytes: Uint8Array,
  { where = "picture" }: Pick<DecodeOptions, "where"> = {},
): Promise<{ width: number; height: number }> {
  const mediaType = checkImageBytes(bytes, where);
  const { default: sharp } = await import("sharp");
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    throw damaged(where, mediaType, bytes.length, error);
  }
}

/** Throws unless the bytes look like a picture of a supported format; returns its media type. */
export function checkImageBytes(bytes: Uint8Array, where: string): ImageMediaType {
  if (bytes.length === 0) throw new InputError({ where, rule: "must be a picture", got: "0 bytes", hint });
  const mediaType = imageMediaType(bytes);
  if (!mediaType) {
    throw new InputError({ where, rule: "must be a picture", got: describeBytes(bytes), hint });
  }
  return mediaType;
}

function tooLarge(where: string, width: number, height: number, maxPixels: number): InputError {
  const count = (pixels: number) => pixels.toLocaleString("en-US");
  return new InputError({
    where,
    rule: `must have at most ${count(maxPixels)} pixels`,
    got: `${width} x ${height} = ${count(width * height)}`,
    hint: "Make the picture smaller.",
  });
}

function damaged(where: string, mediaType: string, length: number, cause: unknown): InputError {
  const detail = String(cause instanceof Error ? cause.message : cause)
    .trim()
    .split("\n")[0]!
    .replace(/\.$/, "");
  return new InputError({
    where,
    rule: "must be a whole, undamaged picture",
    got: `${length} bytes of ${mediaType} that cannot be decoded (${detail})`,
    hint: "Copy or download the file again.",
    cause,
  });
}

function greyToRgb(grey: Uint8Array, channels: number): Uint8Array {
  const count = grey.length / channels;
  const pixels = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) pixels.fill(grey[i * channels]!, i * 3, i * 3 + 3);
  return pixels;
}
