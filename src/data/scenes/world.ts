// The atlas of everything that scenes are made of: pixels in one shared buffer plus a plain index, so that a worker
// thread gets the whole world through `workerData` without copying or rendering again.
//
// A texel is RGBA, premultiplied. Each sprite is stored at three sizes (mip levels), each with a border of one
// transparent texel on every side, so that bilinear sampling needs no bounds check between texels.
import type { Style } from "./splits.ts";

/** One stored size of a sprite. */
export interface Level {
  /** Where its first byte is in the atlas. */
  offset: number;
  /** Texels, without the border. */
  width: number;
  /** Texels, without the border. */
  height: number;
}

/** A drawn thing, cropped to what is drawn; the largest level first. */
export interface Sprite {
  levels: Level[];
}

/** One typeface: the sprites of A to Z, all of the same height. */
export interface GlyphSet {
  font: string;
  glyphs: Sprite[];
}

/** All sprites: plain JSON beside one block of shared pixels. */
export interface World {
  pixels: Uint8Array<SharedArrayBuffer>;
  /** By style: one sprite per concept, in the order of `concepts`. Only the loaded styles are present. */
  sprites: Partial<Record<Style, Sprite[]>>;
  fonts: GlyphSet[];
}

/** A square or oblong of RGBA texels. */
export interface Bitmap {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Collects bitmaps and packs them into a shared buffer. */
export class AtlasBuilder {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  /** Adds a bitmap with its halves; the levels say where they will be. */
  add(bitmap: Bitmap, levelCount = 3): Sprite {
    const levels: Level[] = [];
    for (let level = bitmap; ; level = halve(level)) {
      const padded = pad(level);
      levels.push({ offset: this.size, width: level.width, height: level.height });
      this.parts.push(padded);
      this.size += padded.length;
      if (levels.length === levelCount) return { levels };
    }
  }

  /** Copies everything added so far into one shared buffer. */
  pack(): Uint8Array<SharedArrayBuffer> {
    const pixels = new Uint8Array(new SharedArrayBuffer(this.size));
    let offset = 0;
    for (const part of this.parts) {
      pixels.set(part, offset);
      offset += part.length;
    }
    return pixels;
  }
}

function pad({ data, width, height }: Bitmap): Uint8Array {
  const out = new Uint8Array((width + 2) * (height + 2) * 4);
  for (let y = 0; y < height; y++)
    out.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y + 1) * (width + 2) + 1) * 4);
  return out;
}

function halve({ data, width, height }: Bitmap): Bitmap {
  const w = Math.ceil(width / 2);
  const h = Math.ceil(height / 2);
  const out = new Uint8Array(w * h * 4);
  const at = (x: number, y: number, c: number) =>
    x < width && y < height ? data[(y * width + x) * 4 + c]! : 0;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 4; c++)
        out[(y * w + x) * 4 + c] =
          (at(2 * x, 2 * y, c) +
            at(2 * x + 1, 2 * y, c) +
            at(2 * x, 2 * y + 1, c) +
            at(2 * x + 1, 2 * y + 1, c) +
            2) >>
          2;
  return { data: out, width: w, height: h };
}
