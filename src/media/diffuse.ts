// A picture part of the way into noise, as visual contrastive decoding makes its distorted picture (Leng et al., arXiv
// 2311.16922, and DAMO-NLP-SG/VCD, vcd_add_noise.py): the forward process of a diffusion model with 1,000 steps, in one
// jump, x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) noise. There x_0 are the pixels as CLIP normalises them. Two limits: the
// result is 8 bits a channel, so values outside of the range are cut, and noise is only as fine as the pixels given here.
import { assert } from "../errors/index.ts";
import type { Rng } from "../util/rng.ts";
import type { Raster } from "./raster.ts";

const steps = 1000;
const mean = [0.48145466, 0.4578275, 0.40821073];
const deviation = [0.26862954, 0.26130258, 0.27577711];

/** The share a_t of the picture's variance that is left after steps 0 to t: the product of 1 - beta. */
export function signalShare(step: number): number {
  let share = 1;
  for (let i = 0; i <= step; i++) {
    const x = -6 + (12 * i) / (steps - 1);
    share *= 1 - ((0.5e-2 - 1e-5) / (1 + Math.exp(-x)) + 1e-5);
  }
  return share;
}

/** Adds the noise of a step from 0 (almost none) to 999 (almost only noise). */
export function diffuse({ width, height, pixels }: Raster, step: number, rng: Rng): Raster {
  assert(
    Number.isInteger(step) && step >= 0 && step < steps,
    "media.diffuse",
    "step must be a whole number from 0 to 999",
    String(step),
  );
  const share = signalShare(step);
  const signal = Math.sqrt(share);
  const noise = Math.sqrt(1 - share);
  const noisy = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const c = i % 3;
    const normal = (pixels[i]! / 255 - mean[c]!) / deviation[c]!;
    const value = ((signal * normal + noise * rng.normal()) * deviation[c]! + mean[c]!) * 255;
    noisy[i] = Math.min(255, Math.max(0, Math.round(value)));
  }
  return { width, height, channels: 3, pixels: noisy };
}
