import { checkImageBytes } from "./decode.ts";

/**
 * Makes a copy of a picture that is small enough to embed in a page: unchanged when the file is at most `maxBytes`
 * and a format that browsers show, else reduced to `maxSide` pixels as WebP.
 */
export async function thumbnail(
  bytes: Uint8Array,
  {
    maxSide = 768,
    maxBytes = 100_000,
    where = "picture",
  }: { maxSide?: number; maxBytes?: number; where?: string } = {},
): Promise<{ bytes: Uint8Array; mediaType: string }> {
  const mediaType = checkImageBytes(bytes, where);
  if (bytes.length <= maxBytes && mediaType !== "image/tiff") return { bytes, mediaType };
  const { default: sharp } = await import("sharp");
  const small = await sharp(bytes, { failOn: "none", limitInputPixels: 40e6 })
    .autoOrient()
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
  return { bytes: new Uint8Array(small), mediaType: "image/webp" };
}
