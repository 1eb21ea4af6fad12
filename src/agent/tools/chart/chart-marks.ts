// Bars and points of a chart, found by colour alone: a bar is a solid rectangle that stands on the same line as others, a point
// is where a line of one colour is thick.
import type { Raster } from "../../../media/index.ts";
import type { Box } from "../../../spec/index.ts";
import { centerOf } from "../box-geometry.ts";

/** Red, green and blue, 0 to 255. */
export type Color = [number, number, number];

/** A connected region of one colour. */
export interface Region {
  box: Box;
  color: Color;
  /** Its pixels as a share of its box. */
  fill: number;
}

/** Largest difference in a channel between pixels of one colour: paint with the noise of JPEG. */
const sameColor = 28;
/** Smallest difference in a channel between paint and paper. */
const offPaper = 36;
/** Bars and swatches fill at least this share of their box. */
const solidFill = 0.85;
/** Shortest side of a bar, a swatch or a point, in pixels. */
const minSide = 4;
/** Largest number of regions that is looked at: more is no chart. */
const maxRegions = 400;

/** Largest difference of two colours in a channel. */
export function colorDistance(a: Color, b: Color): number {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));
}

/** The most frequent colour. */
export function paperColor({ pixels }: Raster): Color {
  const counts = new Map<number, [count: number, r: number, g: number, b: number]>();
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const key = ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
    const sum = counts.get(key);
    if (!sum) counts.set(key, [1, r, g, b]);
    else {
      sum[0]++;
      sum[1] += r;
      sum[2] += g;
      sum[3] += b;
    }
  }
  const [n, r, g, b] = [...counts.values()].reduce((best, sum) => (sum[0] > best[0] ? sum : best));
  return [Math.round(r / n), Math.round(g / n), Math.round(b / n)];
}

/**
 * The regions of one colour that are painted, not written or ruled: somewhere they are at least `core` pixels thick both
 * ways. Empty where there are too many for a chart, as in a photograph.
 */
export function paintedRegions(picture: Raster, { core = 3 }: { core?: number } = {}): Region[] {
  const { width, height, pixels } = picture;
  const paper = paperColor(picture);
  const at = (i: number): Color => [pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!];
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const regions: Region[] = [];
  const half = core >> 1;
  const isCore = (x: number, y: number, color: Color) => {
    for (let dy = -half; dy <= half; dy++)
      for (let dx = -half; dx <= half; dx++)
        if (colorDistance(at((y + dy) * width + x + dx), color) > sameColor) return false;
    return true;
  };
  for (let y = half; y < height - half; y++)
    for (let x = half; x < width - half; x++) {
      const start = y * width + x;
      if (seen[start]) continue;
      const color = at(start);
      if (colorDistance(color, paper) < offPaper || !isCore(x, y, color)) continue;
      let [count, top] = [0, 0];
      const box: Box = [x, y, x + 1, y + 1];
      stack[top++] = start;
      seen[start] = 1;
      while (top > 0) {
        const i = stack[--top]!;
        const [px, py] = [i % width, Math.floor(i / width)];
        count++;
        box[0] = Math.min(box[0], px);
        box[1] = Math.min(box[1], py);
        box[2] = Math.max(box[2], px + 1);
        box[3] = Math.max(box[3], py + 1);
        for (const next of [
          ...(px > 0 ? [i - 1] : []),
          ...(px < width - 1 ? [i + 1] : []),
          ...(py > 0 ? [i - width] : []),
          ...(py < height - 1 ? [i + width] : []),
        ])
          if (!seen[next] && colorDistance(at(next), color) <= sameColor) {
            seen[next] = 1;
            stack[top++] = next;
          }
      }
      if (box[2] - box[0] < minSide || box[3] - box[1] < minSide) continue;
      regions.push({ box, color, fill: count / ((box[2] - box[0]) * (box[3] - box[1])) });
      if (regions.length > maxRegions) return [];
    }
  return regions;
}

/** Solid rectangles that are about square and no larger than `side` pixels: the samples of a legend, if text follows. */
export function swatchesOf(regions: readonly Region[], side: number): Region[] {
  return regions.filter(({ box: [x1, y1, x2, y2], fill }) => {
    const [w, h] = [x2 - x1, y2 - y1];
    return fill >= solidFill && Math.max(w, h) <= side && Math.max(w, h) <= 1.6 * Math.min(w, h);
  });
}

/**
 * The bars: solid rectangles whose lower ends are at one height, from left to right, and that height. Fewer than two are
 * none, and a bar that starts elsewhere (stacked, hanging, horizontal) is not seen.
 */
export function barsOf(regions: readonly Region[]): { bars: Region[]; baseline: number } | undefined {
  const solid = regions.filter(({ fill }) => fill >= solidFill);
  let best: Region[] = [];
  for (const { box } of solid) {
    const level = solid.filter((other) => Math.abs(other.box[3] - box[3]) <= 2);
    const sum = (list: Region[]) =>
      list.reduce((area, { box: b }) => area + (b[2] - b[0]) * (b[3] - b[1]), 0);
    if (level.length > best.length || (level.length === best.length && sum(level) > sum(best))) best = level;
  }
  if (best.length < 2) return undefined;
  const ends = best.map(({ box }) => box[3]).toSorted((a, b) => a - b);
  return {
    bars: best.toSorted((a, b) => a.box[0] - b.box[0]),
    baseline: ends[ends.length >> 1]!,
  };
}

/** A mark of a line chart: where, and how much of a disc around it has the colour of its line, 0 to 1. */
export interface Point {
  x: number;
  y: number;
  fill: number;
}

/** Centres of the places inside a box where a colour is at least `thick` pixels thick both ways, and no blot. */
export function thickPlaces(picture: Raster, color: Color, [x1, y1, x2, y2]: Box, thick: number): Point[] {
  const { width, pixels } = picture;
  const half = thick >> 1;
  const isColor = (x: number, y: number) => {
    const i = 3 * (y * width + x);
    return colorDistance([pixels[i]!, pixels[i + 1]!, pixels[i + 2]!], color) <= sameColor;
  };
  const found: { sumX: number; sumY: number; n: number; x: number; y: number }[] = [];
  for (let y = y1 + half; y < y2 - half; y++)
    for (let x = x1 + half; x < x2 - half; x++) {
      if (!isColor(x, y)) continue;
      let isThick = true;
      for (let dy = -half; dy <= half && isThick; dy++)
        for (let dx = -half; dx <= half && isThick; dx++) isThick = isColor(x + dx, y + dy);
      if (!isThick) continue;
      const near = found.find((place) => Math.abs(place.x - x) <= thick && Math.abs(place.y - y) <= thick);
      if (near) {
        near.sumX += x;
        near.sumY += y;
        near.n++;
      } else found.push({ sumX: x, sumY: y, n: 1, x, y });
    }
  return found
    .filter(({ n }) => n <= 4 * thick * thick)
    .map(({ sumX, sumY, n }) => ({ x: sumX / n, y: sumY / n, fill: 1 }));
}

/** The place in a column where a disc has most of a colour: the mark there, also when another line covers a part of it. */
export function pointInColumn(
  picture: Raster,
  color: Color,
  { x, top, bottom, radius }: { x: number; top: number; bottom: number; radius: number },
): Point | undefined {
  const { width, height, pixels } = picture;
  const disc: [number, number][] = [];
  for (let dy = -radius; dy <= radius; dy++)
    for (let dx = -radius; dx <= radius; dx++) if (dx * dx + dy * dy <= radius * radius) disc.push([dx, dy]);
  const share = (cy: number) => {
    let n = 0;
    for (const [dx, dy] of disc) {
      const [px, py] = [Math.round(x) + dx, cy + dy];
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const i = 3 * (py * width + px);
      if (colorDistance([pixels[i]!, pixels[i + 1]!, pixels[i + 2]!], color) <= sameColor) n++;
    }
    return n / disc.length;
  };
  let best: number[] = [];
  let most = 0;
  for (let y = Math.max(0, Math.round(top)); y < Math.min(height, bottom); y++) {
    const fill = share(y);
    if (fill > most + 1e-9) [best, most] = [[y], fill];
    else if (fill === most && most > 0) best.push(y);
  }
  if (most < 0.2) return undefined;
  return { x, y: best.reduce((sum, y) => sum + y, 0) / best.length, fill: most };
}

/** Middle of a region along the x axis. */
export function middle({ box }: { box: Box }): number {
  return centerOf(box)[0];
}
