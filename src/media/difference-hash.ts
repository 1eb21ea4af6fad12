// Difference hash: the picture in grey at 9 x 8 pixels, and a bit for each pixel that is darker than its right neighbour.
// A picture that was resized or compressed again keeps nearly all 64 bits; another picture shares about half.
// (N. Krawetz, "Kind of Like That", hackerfactor.com, 2013.)
import { InputError } from "../errors/index.ts";
import { checkImageBytes } from "./decode.ts";

const width = 9;
const height = 8;

/** The difference hash of a picture: 8 bytes, one a row from the top. */
export async function differenceHash(
  bytes: Uint8Array,
  { where = "picture" }: { where?: string } = {},
): Promise<Uint8Array> {
  checkImageBytes(bytes, where);
  const { default: sharp } = await import("sharp");
  let grey: Uint8Array;
  try {
    grey = await sharp(bytes, { limitInputPixels: 40e6 })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .greyscale()
      .resize(width, height, { fit: "fill" })
      .raw({ depth: "uchar" })
      .toBuffer();
  } catch (cause) {
    throw new InputError({
      where,
      rule: "must be a whole, undamaged picture of at most 40 million pixels",
      cause,
    });
  }
  const hash = new Uint8Array(height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width - 1; x++) {
      if (grey[y * width + x]! < grey[y * width + x + 1]!) hash[y]! |= 128 >> x;
    }
  }
  return hash;
}

/** In how many bits two hashes differ. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    for (let rest = a[i]! ^ b[i]!; rest; rest &= rest - 1) count++;
  }
  return count;
}
