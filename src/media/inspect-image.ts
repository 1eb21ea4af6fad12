import { checkImageBytes, decodeImage } from "./decode.ts";
import type { ImageMediaType } from "./image-format.ts";

/** What the header of a picture says. */
export interface ImageFacts {
  mediaType: ImageMediaType;
  /** Pixels, after the camera's rotation. */
  width: number;
  height: number;
  /** EXIF orientation: 1 is upright, 2 to 8 are turned or mirrored. */
  orientation: number;
}

export interface InspectImageOptions {
  /** Pictures with more pixels are refused before they are decoded. @default 40e6 */
  maxPixels?: number;
  /** Names the picture in error messages. @default "picture" */
  where?: string;
}

/** Decodes a picture whole, to know that it can be, and tells its facts; throws an InputError when it cannot. */
export async function inspectImage(
  bytes: Uint8Array,
  { maxPixels = 40e6, where = "picture" }: InspectImageOptions = {},
): Promise<ImageFacts> {
  const mediaType = checkImageBytes(bytes, where);
  const { width, height } = await decodeImage(bytes, { maxPixels, where });
  const { default: sharp } = await import("sharp");
  const { orientation = 1 } = await sharp(bytes).metadata();
  return { mediaType, width, height, orientation };
}
