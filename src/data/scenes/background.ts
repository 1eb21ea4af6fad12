// What lies behind the things: a backdrop in varied colours and faint clutter that belongs to nothing.
import type { Rng } from "../../util/rng.ts";
import { type Canvas, type Color, sceneSize, turn } from "./canvas.ts";

/** Draws a colour of any hue, from pale to strong and from dark to light. */
export function drawColor(rng: Rng): Color {
  const hue = rng.range(0, 6);
  const value = 255 * rng.range(0.25, 1);
  const saturation = rng.chance(0.3) ? rng.range(0, 0.15) : rng.range(0.1, 0.85);
  const channel = (n: number) => {
    const k = (n + hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Fills the canvas. Two colours at most, near each other more often than far, so that things stay visible. */
export function paintBackground(canvas: Canvas, rng: Rng): void {
  const from = drawColor(rng);
  const far = drawColor(rng);
  const contrast = rng.chance(0.7) ? rng.range(0.1, 0.35) : rng.range(0.35, 0.8);
  const to = mix(from, far, contrast);
  const shade = rng.pick(shades)(rng);
  const { pixels, size } = canvas;
  // Patterns are made for the standard size, and grow with the picture.
  const unit = sceneSize / size;
  for (let y = 0, o = 0; y < size; y++)
    for (let x = 0; x < size; x++, o += 3) {
      const t = shade(x * unit, y * unit);
      pixels[o] = from[0] + (to[0] - from[0]) * t + 0.5;
      pixels[o + 1] = from[1] + (to[1] - from[1]) * t + 0.5;
      pixels[o + 2] = from[2] + (to[2] - from[2]) * t + 0.5;
    }
}

/** How much of the second colour is at a pixel, 0 to 1. */
type Shade = (x: number, y: number) => number;

const shades: ((rng: Rng) => Shade)[] = [
  () => () => 0,
  (rng) => {
    const { cos, sin } = turn(rng.range(0, 360));
    const reach = (Math.abs(cos) + Math.abs(sin)) * sceneSize;
    return (x, y) => 0.5 + ((x - sceneSize / 2) * cos + (y - sceneSize / 2) * sin) / reach;
  },
  (rng) => {
    const { cos, sin } = turn(rng.range(0, 180));
    const period = rng.range(6, 26);
    const share = rng.range(0.3, 0.7);
    return (x, y) => {
      const t = ((x * cos + y * sin) / period + 100) % 1;
      return t < share ? 1 : 0;
    };
  },
  (rng) => {
    const side = 6 + rng.int(18);
    const shift = rng.int(side);
    return (x, y) => (Math.floor((x + shift) / side) + Math.floor((y + shift) / side)) % 2;
  },
  (rng) => {
    const period = rng.range(9, 24);
    const radius = period * rng.range(0.15, 0.38);
    return (x, y) => {
      const dx = (x % period) - period / 2;
      const dy = (y % period) - period / 2;
      return Math.max(0, Math.min(1, radius - Math.sqrt(dx * dx + dy * dy) + 0.5));
    };
  },
  (rng) => {
    const cells = 3 + rng.int(6);
    const grid = Float64Array.from({ length: (cells + 2) ** 2 }, () => rng.next());
    return (x, y) => {
      const u = (x / sceneSize) * cells;
      const v = (y / sceneSize) * cells;
      const i = Math.floor(v) * (cells + 2) + Math.floor(u);
      const fu = smooth(u - Math.floor(u));
      const fv = smooth(v - Math.floor(v));
      const top = grid[i]! + (grid[i + 1]! - grid[i]!) * fu;
      const bottom = grid[i + cells + 2]! + (grid[i + cells + 3]! - grid[i + cells + 2]!) * fu;
      return top + (bottom - top) * fv;
    };
  },
];

/** Strews faint lines, discs and boxes. */
export function strewClutter(canvas: Canvas, rng: Rng): void {
  if (rng.chance(0.35)) return;
  const { size, pixels } = canvas;
  const unit = size / sceneSize;
  for (let n = 1 + rng.int(5); n > 0; n--) {
    const color = drawColor(rng);
    const alpha = rng.range(0.08, 0.28);
    const [x, y] = [rng.range(0, size), rng.range(0, size)];
    const [rx, ry] = [rng.range(4, 26) * unit, rng.range(4, 26) * unit];
    const { cos, sin } = turn(rng.range(0, 180));
    const kind = rng.int(3);
    const reach = kind === 2 ? 2 * rx : Math.max(rx, ry) * 1.5;
    const [x1, x2] = [Math.max(0, Math.floor(x - reach)), Math.min(size, Math.ceil(x + reach))];
    const [y1, y2] = [Math.max(0, Math.floor(y - reach)), Math.min(size, Math.ceil(y + reach))];
    for (let py = y1; py < y2; py++)
      for (let px = x1; px < x2; px++) {
        const u = (cos * (px - x) + sin * (py - y)) / rx;
        const v = (cos * (py - y) - sin * (px - x)) / ry;
        const inside =
          kind === 0
            ? u * u + v * v < 1
            : kind === 1
              ? Math.abs(u) < 1 && Math.abs(v) < 1
              : Math.abs(u) < 2 && Math.abs(v * ry) < unit;
        if (!inside) continue;
        blend(pixels, (py * size + px) * 3, color, alpha);
      }
  }
}

/** Mixes a colour over a pixel that starts at byte `o`. */
export function blend(pixels: Uint8Array, o: number, color: Color, alpha: number): void {
  for (let c = 0; c < 3; c++) {
    const old = pixels[o + c]!;
    pixels[o + c] = old + (color[c]! - old) * alpha + 0.5;
  }
}

function mix(a: Color, b: Color, t: number): Color {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
