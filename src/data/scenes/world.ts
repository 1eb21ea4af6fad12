// The atlas of everything that scenes are made of: pixels in one shared buffer plus a plain index, so that a worker
// thread gets the whole world through `workerData` without copying or rendering again.
//
// A texel is RGBA, premultiplied. Each sprite is stored at three sizes (mip levels), each with a border of one
// transparent texel on every side, so that bilinear sampling needs no bounds check between texels.
import type { ArtSet, Style } from "./splits.ts";

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
  /** Share of the square over its longest side that it covers at least half. */
  coverage: number;
}

/** A sprite and the icon set that it is from. */
export interface Drawing {
  style: ArtSet;
  sprite: Sprite;
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
  /** By concept: more drawings of it, in other hands; only training pictures use them, and only they need them loaded. */
  practice: Drawing[][];
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
      if (levels.length === levelCount) return { levels, coverage: coverageOf(bitmap) };
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

function coverageOf({ data, width, height }: Bitmap): number {
  let covered = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]! >= 128) covered++;
  return covered / Math.max(width, height) ** 2;
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
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const i = (2 * y * width + 2 * x) * 4;
      const right = 2 * x + 1 < width;
      const below = 2 * y + 1 < height;
      for (let c = 0; c < 4; c++) {
        const sum =
          data[i + c]! +
          (right ? data[i + 4 + c]! : 0) +
          (below ? data[i + width * 4 + c]! : 0) +
          (right && below ? data[i + width * 4 + 4 + c]! : 0);
        out[(y * w + x) * 4 + c] = (sum + 2) >> 2;
      }
    }
  return { data: out, width: w, height: h };
}
