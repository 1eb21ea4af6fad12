// Loads a dataset's pictures for all columns: each is read and checked once, so that a broken one fails for every
// column with the same message, and a URL is not fetched again for every technique.
import { decodeImage, describeSource, type LoadMediaOptions, loadMedia } from "../media/index.ts";
import type { MediaSource } from "../spec/index.ts";

/** A picture as a model gets it. */
export interface LoadedImage {
  bytes: Uint8Array;
  mediaType: string;
  hash: string;
}

export interface ImageLoaderOptions extends LoadMediaOptions {
  /** Pictures with more pixels are refused. @default 40e6 */
  maxPixels?: number;
  /** Pictures are kept in memory up to this many bytes. @default 200e6 */
  cacheBytes?: number;
}

/** Makes a function that loads pictures and remembers the last ones. */
export function createImageLoader({
  maxPixels,
  cacheBytes = 200e6,
  ...options
}: ImageLoaderOptions): (image: MediaSource) => Promise<LoadedImage> {
  const cache = new Map<string, Promise<LoadedImage>>();
  const sizes = new Map<string, number>();
  let held = 0;
  const load = async (image: MediaSource, key: string): Promise<LoadedImage> => {
    const media = await loadMedia(image, options);
    await decodeImage(media.bytes, { maxPixels, where: describeSource(image.source) });
    held += media.bytes.length;
    sizes.set(key, media.bytes.length);
    for (const oldest of cache.keys()) {
      if (held <= cacheBytes || oldest === key) break;
      held -= sizes.get(oldest) ?? 0;
      sizes.delete(oldest);
      cache.delete(oldest);
    }
    return media;
  };
  return (image) => {
    const key = `${image.hash ?? ""} ${image.source}`;
    const known = cache.get(key);
    if (known) return known;
    const loading = load(image, key);
    cache.set(key, loading);
    return loading;
  };
}
