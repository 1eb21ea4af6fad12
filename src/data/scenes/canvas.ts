// A small software compositor. The canvas has colours and, for every pixel, the number of the thing that shows
// there. Only additions, multiplications and square roots are used on the way to a byte, so that the same scene has
// the same bytes on every machine.
import type { Sprite } from "./world.ts";

/** Width and height of the standard pictures of the world, in pixels. */
export const sceneSize = 112;
/** Owner number of pixels that show no object and no letter. */
export const nobody = -1;

/** RGB bytes and the owner of every pixel of a square. */
export interface Canvas {
  /** Width and height in pixels. */
  size: number;
  pixels: Uint8Array;
  owner: Int16Array;
}

/** Creates a canvas that nobody owns. */
export function createCanvas(size = sceneSize): Canvas {
  return {
    size,
    pixels: new Uint8Array(size * size * 3),
    owner: new Int16Array(size * size).fill(nobody),
  };
}

/** Where and how a sprite is drawn. */
export interface Placement {
  /** Centre of the sprite, in pixels of the canvas. */
  x: number;
  y: number;
  /** Size on the canvas before rotation, in pixels. */
  width: number;
  height: number;
  cos: number;
  sin: number;
  mirror: boolean;
}

/** A 3x3 matrix, rows first, that turns a sprite's colours into the ones drawn. */
export type ColorMatrix = readonly number[];

/** What drawing a sprite did. */
export interface Drawn {
  /** Pixels covered at least half. */
  pixels: number;
  /** Mean over those of the largest channel difference to what was there before, 0 to 255. */
  contrast: number;
  /** True when all of it is inside the picture. */
  inside: boolean;
}

/** Draws a sprite and makes `owner` the owner of the pixels that it covers at least half. */
export function drawSprite(
  canvas: Canvas,
  atlas: Uint8Array,
  sprite: Sprite,
  place: Placement,
  color: ColorMatrix,
  owner: number,
): Drawn {
  const { size, pixels, owner: owners } = canvas;
  const longest = Math.max(place.width, place.height);
  let level = sprite.levels[0]!;
  for (const next of sprite.levels) if (Math.max(next.width, next.height) >= longest) level = next;
  const { width: w, height: h, offset } = level;
  const stride = (w + 2) * 4;
  const { x: cx, y: cy, cos, sin } = place;
  const halfX = (Math.abs(cos) * place.width + Math.abs(sin) * place.height) / 2 + 1;
  const halfY = (Math.abs(sin) * place.width + Math.abs(cos) * place.height) / 2 + 1;
  const x1 = Math.max(0, Math.floor(cx - halfX));
  const y1 = Math.max(0, Math.floor(cy - halfY));
  const x2 = Math.min(size, Math.ceil(cx + halfX));
  const y2 = Math.min(size, Math.ceil(cy + halfY));
  const stepX = (w / place.width) * (place.mirror ? -1 : 1);
  const stepY = h / place.height;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = color as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let covered = 0;
  let difference = 0;
  for (let y = y1; y < y2; y++) {
    const dy = y + 0.5 - cy;
    for (let x = x1; x < x2; x++) {
      const dx = x + 0.5 - cx;
      const u = (cos * dx + sin * dy) * stepX + w / 2 + 0.5;
      const v = (cos * dy - sin * dx) * stepY + h / 2 + 0.5;
      // With the border, texel centres run from 0 (border) to w + 1 (border).
      if (u <= 0 || v <= 0 || u >= w + 1 || v >= h + 1) continue;
      const iu = Math.floor(u);
      const iv = Math.floor(v);
      const fu = u - iu;
      const fv = v - iv;
      const p = offset + iv * stride + iu * 4;
      const q = p + stride;
      const w11 = fu * fv;
      const w10 = fu - w11;
      const w01 = fv - w11;
      const w00 = 1 - fu - fv + w11;
      const a = w00 * atlas[p + 3]! + w10 * atlas[p + 7]! + w01 * atlas[q + 3]! + w11 * atlas[q + 7]!;
      if (a < 1) continue;
      const r = w00 * atlas[p]! + w10 * atlas[p + 4]! + w01 * atlas[q]! + w11 * atlas[q + 4]!;
      const g = w00 * atlas[p + 1]! + w10 * atlas[p + 5]! + w01 * atlas[q + 1]! + w11 * atlas[q + 5]!;
      const b = w00 * atlas[p + 2]! + w10 * atlas[p + 6]! + w01 * atlas[q + 2]! + w11 * atlas[q + 6]!;
      const i = y * size + x;
      const o = i * 3;
      const keep = 1 - a / 255;
      const oldR = pixels[o]!;
      const oldG = pixels[o + 1]!;
      const oldB = pixels[o + 2]!;
      const newR = clamp(m0 * r + m1 * g + m2 * b, a) + keep * oldR;
      const newG = clamp(m3 * r + m4 * g + m5 * b, a) + keep * oldG;
      const newB = clamp(m6 * r + m7 * g + m8 * b, a) + keep * oldB;
      pixels[o] = newR + 0.5;
      pixels[o + 1] = newG + 0.5;
      pixels[o + 2] = newB + 0.5;
      if (a >= 127.5) {
        owners[i] = owner;
        covered++;
        difference += Math.max(Math.abs(newR - oldR), Math.abs(newG - oldG), Math.abs(newB - oldB));
      }
    }
  }
  const inside = cx - halfX >= -1 && cy - halfY >= -1 && cx + halfX <= size + 1 && cy + halfY <= size + 1;
  return { pixels: covered, contrast: covered ? difference / covered : 0, inside };
}

function clamp(value: number, high: number): number {
  return value < 0 ? 0 : Math.min(value, high);
}

/** The cosine and sine of an angle in degrees, rounded so that they are the same on every machine. */
export function turn(degrees: number): { cos: number; sin: number } {
  const angle = (degrees * Math.PI) / 180;
  return { cos: Math.round(Math.cos(angle) * 1e6) / 1e6, sin: Math.round(Math.sin(angle) * 1e6) / 1e6 };
}

/** Colour change of a sprite: hue turned by degrees, saturation and brightness multiplied. */
export function adjustColor(hueDegrees: number, saturation: number, brightness: number): ColorMatrix {
  const { cos, sin } = turn(hueDegrees);
  const l = [0.213, 0.715, 0.072] as const; // Luminance weights of red, green, blue.
  const hue = [
    l[0] + cos * (1 - l[0]) - sin * l[0],
    l[1] - cos * l[1] - sin * l[1],
    l[2] - cos * l[2] + sin * (1 - l[2]),
    l[0] - cos * l[0] + sin * 0.143,
    l[1] + cos * (1 - l[1]) + sin * 0.14,
    l[2] - cos * l[2] - sin * 0.283,
    l[0] - cos * l[0] - sin * (1 - l[0]),
    l[1] - cos * l[1] + sin * l[1],
    l[2] + cos * (1 - l[2]) + sin * l[2],
  ];
  return hue.map(
    (value, i) => brightness * (saturation * value + (1 - saturation) * l[(i % 3) as 0 | 1 | 2]),
  );
}

/** Draws white sprites in one colour. */
export function tint([r, g, b]: Color): ColorMatrix {
  return [r / 255, 0, 0, 0, g / 255, 0, 0, 0, b / 255];
}

/** Red, green and blue, 0 to 255. */
export type Color = readonly [number, number, number];
