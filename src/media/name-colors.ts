// Which colours a picture has, in the words that people use. Hue, saturation and lightness (HSL) decide: hues are cut where
// people change the word, and dark or pale ones have words of their own.
import type { Raster } from "./raster.ts";

/** A colour of a picture. */
export interface ColorShare {
  name: string;
  /** Mean colour of its pixels, `#rrggbb`. */
  hex: string;
  /** Share of the pixels, 0 to 1. */
  share: number;
}

/** Most pixels that are looked at; of larger pictures every n-th. */
const maxSamples = 250_000;
/** Where hues end, in degrees. */
const hues: readonly [end: number, name: string][] = [
  [15, "red"],
  [42, "orange"],
  [68, "yellow"],
  [165, "green"],
  [200, "cyan"],
  [258, "blue"],
  [292, "purple"],
  [338, "pink"],
  [360, "red"],
];

/** The named colours of a picture, the largest share first; those under `minShare` are left out. */
export function nameColors(
  { pixels }: Raster,
  { minShare = 0.02 }: { minShare?: number } = {},
): ColorShare[] {
  const sums = new Map<string, { count: number; r: number; g: number; b: number }>();
  const step = 3 * Math.max(1, Math.ceil(pixels.length / 3 / maxSamples));
  let total = 0;
  for (let i = 0; i < pixels.length; i += step, total++) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const name = colorName(r, g, b);
    const sum = sums.get(name) ?? { count: 0, r: 0, g: 0, b: 0 };
    sum.count++;
    sum.r += r;
    sum.g += g;
    sum.b += b;
    sums.set(name, sum);
  }
  const hex = (value: number) => Math.round(value).toString(16).padStart(2, "0");
  return [...sums]
    .map(([name, { count, r, g, b }]) => ({
      name,
      hex: `#${hex(r / count)}${hex(g / count)}${hex(b / count)}`,
      share: count / total,
    }))
    .filter(({ share }) => share >= minShare)
    .sort((a, b) => b.share - a.share);
}

/** The word for a colour of three bytes. */
export function colorName(r: number, g: number, b: number): string {
  const most = Math.max(r, g, b);
  const range = most - Math.min(r, g, b);
  const light = (most + Math.min(r, g, b)) / 510;
  const saturation = range === 0 ? 0 : range / 255 / (1 - Math.abs(2 * light - 1));
  if (light < 0.1 || (light < 0.16 && saturation < 0.3)) return "black";
  if (light > 0.93) return "white";
  if (saturation < 0.14) return light > 0.85 ? "white" : light < 0.18 ? "black" : "gray";
  let hue = most === r ? (g - b) / range : most === g ? (b - r) / range + 2 : (r - g) / range + 4;
  hue = (hue * 60 + 360) % 360;
  const name = hues.find(([end]) => hue <= end)![1];
  // Dark orange, dark yellow and dull red are called brown; pale ones beige and pink.
  if (name === "orange" && light < 0.45) return "brown";
  if (name === "yellow" && light < 0.3) return "brown";
  if (name === "red" && light < 0.3 && saturation < 0.6) return "brown";
  if ((name === "orange" || name === "yellow") && light > 0.72 && saturation < 0.8) return "beige";
  if (name === "red" && light > 0.7) return "pink";
  return name;
}
