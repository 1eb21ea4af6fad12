import { expect, test } from "vitest";
import { Graph, openSession, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { adamwStep } from "./adamw.ts";
import { createMuon, orthogonalize } from "./muon.ts";
import { learningRateAt } from "./schedule.ts";

test("AdamW: three steps worked out by hand", () => {
  // lr 0.1, no decay, gradients 1, 1, -1: m/(1-0.9^t) = 1, 1, 0.26199..; v/(1-0.95^t) = 1, 1, 1.
  const slice = {
    weights: new Float32Array([2]),
    first: new Float32Array(1),
    second: new Float32Array(1),
    gradient: new Float32Array(1),
  };
  const options = { learningRate: 0.1, weightDecay: 0, gradientScale: 1 };
  const expected = [1.9, 1.8, 1.8 - 0.1 * ((0.9 * 0.19 - 0.1) / 0.271)];
  [1, 1, -1].forEach((gradient, i) => {
    slice.gradient[0] = gradient;
    adamwStep(slice, { ...options, step: i + 1 });
    expect(slice.weights[0]).toBeCloseTo(expected[i]!, 5);
  });
  // Decay is apart from the gradient: weights shrink by lr * decay even when the gradient is 0.
  const still = {
    ...slice,
    weights: new Float32Array([1]),
    first: new Float32Array(1),
    second: new Float32Array(1),
  };
  still.gradient[0] = 0;
  adamwStep(still, { step: 1, learningRate: 0.1, weightDecay: 0.5, gradientScale: 1 });
  expect(still.weights[0]).toBeCloseTo(0.95);
});

test.each([
  [6, 10],
  [10, 6],
  [8, 8],
])("Muon: Newton-Schulz brings singular values of a %i x %i matrix near 1", async (rows, columns) => {
  const rng = createRng("muon", rows, columns);
  const graph = new Graph();
  graph.output("y", orthogonalize(graph.input("x", "float32", [rows, columns])));
  const session = await openSession(toModelBytes(graph));
  const data = Float32Array.from({ length: rows * columns }, () => rng.normal());
  const { y } = await session.run({ x: { type: "float32", data, dims: [rows, columns] } });
  const out = y!.data as Float32Array;
  expect(y!.dims).toEqual([rows, columns]);
  // The Gram matrix of the shorter side has eigenvalues s^2; the iteration leaves s between 0.68 and 1.13, so every
  // Rayleigh quotient lies between the squares of these.
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  const at = (i: number, j: number) => (rows <= columns ? out[i * columns + j]! : out[j * columns + i]!);
  for (let trial = 0; trial < 200; trial++) {
    const v = Array.from({ length: short }, () => rng.normal());
    const norm = v.reduce((sum, x) => sum + x * x, 0);
    let quotient = 0;
    for (let j = 0; j < long; j++) {
      let dot = 0;
      for (let i = 0; i < short; i++) dot += v[i]! * at(i, j);
      quotient += (dot * dot) / norm;
    }
    if (rows !== columns) expect(quotient).toBeGreaterThan(0.4);
    expect(quotient).toBeLessThan(1.35);
  }
  // It keeps direction: the product with the input has a positive trace.
  expect(out.reduce((sum, value, i) => sum + value * data[i]!, 0)).toBeGreaterThan(0);
});

test("Muon: momentum looks ahead, decay shrinks, an update has the size of AdamW's", async () => {
  const weights = new Float32Array(16).fill(1);
  const momentum = new Float32Array(16);
  const gradient = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 3 : 0)); // 3 times the identity
  const muon = await createMuon([{ name: "w", shape: [4, 4], weights, momentum, gradient }]);
  await muon.step({ learningRate: 0.1, weightDecay: 0.2, gradientScale: 0.5 });
  expect([...momentum.slice(0, 5)]).toEqual([1.5, 0, 0, 0, 0]);
  // The direction is about the identity; 0.1 * 0.2 * sqrt(4) = 0.04 times it comes off 0.98.
  const step = 0.98 - weights[0]!;
  expect(step).toBeGreaterThan(0.04 * 0.6);
  expect(step).toBeLessThan(0.04 * 1.2);
  expect(weights[1]).toBeCloseTo(0.98, 5);
  await muon.dispose();
});

test("learning rate: linear up, cosine down to the floor", () => {
  const schedule = { peak: 2, warmup: 4, steps: 105, floor: 0.1 };
  expect(learningRateAt(0, schedule)).toBeCloseTo(0.5);
  expect(learningRateAt(3, schedule)).toBeCloseTo(2);
  expect(learningRateAt(4, schedule)).toBeCloseTo(2);
  expect(learningRateAt(54, schedule)).toBeCloseTo(1.1);
  expect(learningRateAt(104, schedule)).toBeCloseTo(0.2);
});
