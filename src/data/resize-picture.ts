// Resizing as Pillow does it, of pictures that are not huge afterwards: one that is very long and thin becomes very large.
import { InputError } from "../errors/index.ts";
import { type Raster, type ResampleFilter, resampleImage } from "../media/index.ts";

/** What a resized picture may have at most. */
const MOST_PIXELS = 40e6;

/** Resizes to exactly this size. Throws InputError for a size that is not reasonable; `where` names the picture. */
export function resizePicture(
  image: Raster,
  { width, height, filter }: { width: number; height: number; filter: ResampleFilter },
  where: string,
): Raster {
  if (width * height <= MOST_PIXELS) return resampleImage(image, width, height, filter);
  const got = `${image.width} x ${image.height}, resized to ${width} x ${height}`;
  throw new InputError({
    where,
    rule: `must have at most ${MOST_PIXELS / 1e6} million pixels when it is resized`,
    got,
  });
}
