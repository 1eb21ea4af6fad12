import { expect, test } from "vitest";
import { createRng } from "../util/rng.ts";
import { diffuse, signalShare } from "./diffuse.ts";

test("the schedule falls from 1 as VCD's does", () => {
  // From its formula, in Python: betas = sigmoid(linspace(-6, 6, 1000)) * (0.5e-2 - 1e-5) + 1e-5.
  expect(signalShare(0)).toBeCloseTo(0.9999776616104484, 9);
  expect(signalShare(500)).toBeCloseTo(0.7447985260430766, 9);
  expect(signalShare(999)).toBeCloseTo(0.0812491943039999, 9);
});

const grey = { width: 60, height: 60, channels: 3 as const, pixels: new Uint8Array(60 * 60 * 3).fill(120) };
const spread = (pixels: Uint8Array) => {
  const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
  return { mean, deviation: Math.sqrt(pixels.reduce((a, b) => a + (b - mean) ** 2, 0) / pixels.length) };
};

test("noise has the size that the step says, and the same seed gives the same picture", () => {
  const at = (step: number, seed = 1) => diffuse(grey, step, createRng("test", seed)).pixels;
  expect(at(500)).toEqual(at(500));
  expect(at(500)).not.toEqual(at(500, 2));
  expect(spread(at(0)).deviation).toBeLessThan(1);
  // sqrt(1 - a_500) times CLIP's mean deviation 0.2686, in steps of 1/255.
  const expected = Math.sqrt(1 - signalShare(500)) * 0.2686 * 255;
  expect(spread(at(500)).deviation / expected).toBeCloseTo(1, 1);
  expect(spread(at(999)).deviation).toBeGreaterThan(spread(at(500)).deviation * 1.5);
});
