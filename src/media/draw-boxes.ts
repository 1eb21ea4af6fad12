// Marks on a picture. Labels are drawn as an SVG layer; their text comes from models and files and is escaped.
import type { Box } from "../spec/index.ts";
import { escapeHtml } from "../util/html.ts";
import type { Raster } from "./raster.ts";

/** A box to draw. */
export interface BoxMark {
  box: Box;
  /** Written at its upper left corner; long ones are cut. */
  label?: string;
}

/** Colours that are told apart by most people with colour blindness (Okabe and Ito 2008), the strongest first. */
const colors = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const maxLabel = 40;

/** A copy of a picture with boxes drawn on it, each in the next of six colours. */
export async function drawBoxes(image: Raster, marks: readonly BoxMark[]): Promise<Raster> {
  const { width, height } = image;
  const line = Math.max(1, Math.round(Math.min(width, height) / 150));
  const font = Math.max(9, Math.round(Math.min(width, height) / 28));
  const shapes = marks.map(({ box: [x1, y1, x2, y2], label }, i) => {
    const color = colors[i % colors.length]!;
    const inset = line / 2;
    const rect = `<rect x="${x1 + inset}" y="${y1 + inset}" width="${Math.max(1, x2 - x1 - line)}" height="${Math.max(1, y2 - y1 - line)}" fill="none" stroke="${color}" stroke-width="${line}"/>`;
    if (!label) return rect;
    const text = [...label].slice(0, maxLabel).join("").replace(/\p{C}/gu, " ");
    const wide = Math.min(width, Math.ceil([...text].length * font * 0.62) + 4);
    const top = y1 - font - 3 >= 0 ? y1 - font - 3 : y1;
    const left = Math.max(0, Math.min(x1, width - wide));
    return `${rect}<rect x="${left}" y="${top}" width="${wide}" height="${font + 3}" fill="${color}"/><text x="${left + 2}" y="${top + font - 1}" font-family="sans-serif" font-weight="bold" font-size="${font}" fill="#fff">${escapeHtml(text)}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join("")}</svg>`;
  const { default: sharp } = await import("sharp");
  const raw = { width, height, channels: 3 } as const;
  const data = await sharp(image.pixels, { raw, limitInputPixels: false })
    .composite([{ input: Buffer.from(svg) }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, channels: 3, pixels: new Uint8Array(data) };
}
