import { LRUCache } from "lru-cache";
import { decodeImage, encodePng, imageSize, resizeImage } from "../media/index.ts";
import type { DemonstrationPool } from "./pool.ts";

/** A picture as it goes into the prompt. */
export interface ShownPicture {
  bytes: Uint8Array;
  mediaType: string;
}

/** Longest side of a demonstration's picture, in pixels. */
export const maxDemonstrationSide = 512;

/**
 * Reduces a picture whose longer side has more than 512 pixels to 512, keeping its shape, and writes it as PNG; any other
 * is left as it is. A demonstration shows what kind of answer is wanted, for which that is enough, and costs a quarter of
 * the tokens of a picture of 1024 pixels where tokens go by area. The question's own picture is never touched.
 */
async function shrinkPicture(picture: ShownPicture, where: string): Promise<ShownPicture> {
  const { width, height } = await imageSize(picture.bytes, { where });
  const scale = maxDemonstrationSide / Math.max(width, height);
  if (scale >= 1) return picture;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const small = await resizeImage(await decodeImage(picture.bytes, { where }), side(width), side(height));
  return { bytes: await encodePng(small.pixels, small.width, small.height), mediaType: "image/png" };
}

/**
 * The pictures of demonstrations, small enough to be shown. Those shown last are kept, up to 64 MB: the same demonstrations
 * come again and again.
 */
export function shownPictures(pool: DemonstrationPool): (at: number) => Promise<ShownPicture[]> {
  const kept = new LRUCache<number, ShownPicture[]>({
    maxSize: 64e6,
    sizeCalculation: (shown) => 1 + shown.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    fetchMethod: async (at) => {
      const where = `demonstration ${pool.samples[at]!.id}`;
      return Promise.all((await pool.pictures(at)).map((picture) => shrinkPicture(picture, where)));
    },
  });
  return async (at) => (await kept.fetch(at))!;
}
