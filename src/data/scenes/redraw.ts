// Ways to redraw a bitmap. All work on premultiplied RGBA and use only operations that give the same bytes everywhere.
import type { Rng } from "../../util/rng.ts";
import { type Color, type ColorMatrix, turn } from "./canvas.ts";
import type { Bitmap } from "./world.ts";

/** Bends the shape a little: slanted, stretched and waved, by up to a few per cent of its size. */
export function bendBitmap({ data, width, height }: Bitmap, rng: Rng): Bitmap {
  const pad = Math.ceil(0.1 * Math.max(width, height));
  const w = width + 2 * pad;
  const h = height + 2 * pad;
  const slant = rng.range(-0.15, 0.15);
  const stretch = rng.range(-0.12, 0.12);
  const waves = [0, 1].map(() => ({
    reach: rng.range(0, 0.045) * Math.max(width, height),
    turns: rng.range(150, 420),
    start: rng.range(0, 360),
  }));
  const wave = (i: 0 | 1, share: number) =>
    waves[i]!.reach * turn(waves[i]!.start + waves[i]!.turns * share).sin;
  const alongY = Array.from({ length: h }, (_, y) => wave(0, y / h));
  const alongX = Array.from({ length: w }, (_, x) => wave(1, x / w));
  const out = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const fromX = x - w / 2;
      const fromY = y - h / 2;
      const u = fromX * (1 + stretch) + fromY * slant + alongY[y]! + width / 2;
      const v = fromY * (1 - stretch) + alongX[x]! + height / 2;
      const iu = Math.floor(u);
      const iv = Math.floor(v);
      if (iu < -1 || iv < -1 || iu >= width || iv >= height) continue;
      const fu = u - iu;
      const fv = v - iv;
      const o = (y * w + x) * 4;
      for (const [dx, dy, share] of [
        [0, 0, (1 - fu) * (1 - fv)],
        [1, 0, fu * (1 - fv)],
        [0, 1, (1 - fu) * fv],
        [1, 1, fu * fv],
      ] as const) {
        const sx = iu + dx;
        const sy = iv + dy;
        if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue;
        const i = (sy * width + sx) * 4;
        for (let c = 0; c < 4; c++) out[o + c] = out[o + c]! + share * data[i + c]!;
      }
    }
  return { data: out, width: w, height: h };
}

/** Applies a colour matrix, then adds white. */
export function recolor({ data, width, height }: Bitmap, m: ColorMatrix, white = 0): Bitmap {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) {
      const value =
        m[3 * c]! * data[i]! +
        m[3 * c + 1]! * data[i + 1]! +
        m[3 * c + 2]! * data[i + 2]! +
        (white * alpha) / 255;
      out[i + c] = value < 0 ? 0 : value > alpha ? alpha : value + 0.5;
    }
    out[i + 3] = alpha;
  }
  return { data: out, width, height };
}

/** Rounds every channel to a few levels and makes the colours `saturation` times as strong. */
export function flattenColors({ data, width, height }: Bitmap, levels: number, saturation: number): Bitmap {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!;
    if (alpha === 0) continue;
    const grey = (data[i]! + data[i + 1]! + data[i + 2]!) / 3;
    for (let c = 0; c < 3; c++) {
      const strong = (grey + (data[i + c]! - grey) * saturation) / alpha;
      const level = Math.round(Math.max(0, Math.min(1, strong)) * (levels - 1)) / (levels - 1);
      out[i + c] = level * alpha + 0.5;
    }
    out[i + 3] = alpha;
  }
  return { data: out, width, height };
}

/** Fills everything that the drawing encloses with one colour, under the drawing. */
export function paintHoles({ data, width, height }: Bitmap, color: Color): Bitmap {
  const outside = new Uint8Array(width * height);
  const queue: number[] = [];
  const visit = (x: number, y: number) => {
    const at = y * width + x;
    if (x < 0 || y < 0 || x >= width || y >= height || outside[at] || data[at * 4 + 3]! >= 128) return;
    outside[at] = 1;
    queue.push(at);
  };
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) visit(x, y);
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) visit(x, y);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    visit(x - 1, y);
    visit(x + 1, y);
    visit(x, y - 1);
    visit(x, y + 1);
  }
  const out = data.slice();
  for (let at = 0; at < outside.length; at++) {
    if (outside[at]) continue;
    const missing = 255 - data[at * 4 + 3]!;
    for (let c = 0; c < 3; c++) out[at * 4 + c] = data[at * 4 + c]! + (color[c]! * missing) / 255;
    out[at * 4 + 3] = 255;
  }
  return { data: out, width, height };
}
