import type { ImageMediaType } from "./image-format.ts";

/** A decoded picture: 8-bit RGB rows from the top left, three bytes a pixel, no padding. */
export interface Raster {
  width: number;
  height: number;
  channels: 3;
  pixels: Uint8Array;
}

/** A Raster that came from a file. */
export interface DecodedImage extends Raster {
  /** Format of the file, found from its bytes. */
  mediaType: ImageMediaType;
}
