// Redraws a bitmap as an inked drawing: a dark line around the shape and along strong edges inside it.
import type { Bitmap } from "./world.ts";

const ink = 18;

/** How an inked drawing looks. */
export interface InkOptions {
  /** Width of the outer line in texels, outside the shape. */
  width: number;
  /** Smallest channel difference, 0 to 255, that counts as an inner edge. */
  edgeStep: number;
  /** Colours between the lines, of the bitmap's size. @default the bitmap's own */
  fill?: Uint8Array;
}

/** Draws the dark lines; the result is wider by the outer line on every side. */
export function inkBitmap(
  bitmap: Bitmap,
  { width: outer, edgeStep, fill = bitmap.data }: InkOptions,
): Bitmap {
  const grow = Math.ceil(outer);
  const w = bitmap.width + 2 * grow;
  const h = bitmap.height + 2 * grow;
  // A copy with room on every side, so that no neighbour is outside.
  const room = 2 * grow;
  const stride = (bitmap.width + 2 * room) * 4;
  const data = new Uint8Array(stride * (bitmap.height + 2 * room));
  for (let y = 0; y < bitmap.height; y++)
    data.set(
      bitmap.data.subarray(y * bitmap.width * 4, (y + 1) * bitmap.width * 4),
      (y + room) * stride + room * 4,
    );
  const disc: { step: number; share: number }[] = [];
  for (let dy = -grow; dy <= grow; dy++)
    for (let dx = -grow; dx <= grow; dx++) {
      const share = Math.min(1, outer + 0.5 - Math.sqrt(dx * dx + dy * dy));
      if (share > 0) disc.push({ step: dy * stride + dx * 4 + 3, share });
    }
  const out = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const i = (y + room - grow) * stride + (x + room - grow) * 4;
      const alpha = data[i + 3]!;
      let full = alpha;
      if (full < 255) for (const { step, share } of disc) full = Math.max(full, share * data[i + step]!);
      if (full === 0) continue;
      let step = 0;
      if (alpha > 0)
        for (let c = i; c < i + 4; c++)
          step = Math.max(
            step,
            Math.abs(data[c + 4]! - data[c - 4]!),
            Math.abs(data[c + stride]! - data[c - stride]!),
          );
      const line = Math.max(0, Math.min(1, (step - edgeStep) / 30));
      const o = (y * w + x) * 4;
      const f = ((y - grow) * bitmap.width + x - grow) * 4;
      for (let c = 0; c < 3; c++) {
        const shape = (alpha > 0 ? fill[f + c]! : 0) + (ink * (full - alpha)) / 255;
        out[o + c] = shape + ((ink * full) / 255 - shape) * line + 0.5;
      }
      out[o + 3] = full + 0.5;
    }
  return { data: out, width: w, height: h };
}
