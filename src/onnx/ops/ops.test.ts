// Every operator against central finite differences: the loss is a fixed random weighting of the operator's output,
// its gradient comes from `gradients`, and one entry after another of each input is nudged by eps.
// Over 400 lines, since every operator is one row of the same checks.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { gradients } from "../gradient.ts";
import { Graph, type Value } from "../graph.ts";
import { toModelBytes } from "../model-proto.ts";
import { openSession, type Tensors } from "../session.ts";
import { sym } from "../shape.ts";
import * as ops from "./index.ts";

type Build = (graph: Graph, inputs: Value[]) => Value;

const batch = 2;

/** Compares gradients with finite differences for inputs of these shapes (-k stands for k * batch_size). */
async function checkGradient(shapes: number[][], build: Build, { eps = 4e-3, tolerance = 3e-3 } = {}) {
  const rng = createRng("ops", JSON.stringify(shapes));
  const graph = new Graph();
  const inputs = shapes.map((shape, i) =>
    graph.input(
      `x${i}`,
      "float32",
      shape.map((d) => (d < 0 ? sym("batch_size", -d) : d)),
    ),
  );
  const y = build(graph, inputs);
  const concrete = (d: (typeof y.shape)[number]) => (typeof d === "number" ? d : d.times * batch);
  const weighting = graph.input("weighting", "float32", y.shape);
  const loss = ops.sumAll(ops.mul(y, weighting));
  graph.output("loss", loss);
  gradients(loss, inputs).forEach((gradient, i) => {
    graph.output(`d${i}`, gradient);
  });
  const session = await openSession(toModelBytes(graph));
  const random = (dims: number[]) => ({
    type: "float32" as const,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal()),
    dims,
  });
  const feeds: Tensors = { weighting: random(y.shape.map(concrete)) };
  shapes.forEach((shape, i) => {
    feeds[`x${i}`] = random(shape.map((d) => (d < 0 ? -d * batch : d)));
  });
  const lossAt = async () => (await session.run(feeds, { outputs: ["loss"] })).loss!.data[0] as number;
  const analytic = await session.run(feeds);
  for (let i = 0; i < shapes.length; i++) {
    const data = feeds[`x${i}`]!.data as Float32Array;
    const gradient = analytic[`d${i}`]!.data as Float32Array;
    const scale = Math.max(...gradient.map(Math.abs));
    for (let step = 0; step < 12; step++) {
      const j = rng.int(data.length);
      const x = data[j]!;
      data[j] = x + eps;
      const above = await lossAt();
      data[j] = x - eps;
      const below = await lossAt();
      data[j] = x;
      const numeric = (above - below) / (2 * eps);
      expect(
        Math.abs(numeric - gradient[j]!),
        `input ${i}[${j}]: ${numeric} and ${gradient[j]}`,
      ).toBeLessThan(tolerance * Math.max(scale, 1));
    }
  }
  await session.dispose();
}

function int64(graph: Graph, values: number[], shape = [values.length]): Value {
  return graph.constant(BigInt64Array.from(values, BigInt), shape);
}

describe("gradients equal finite differences", () => {
  const cases: [string, number[][], Build][] = [
    ["add", [[-1, 3], [3]], (_, [a, b]) => ops.add(a!, b!)],
    [
      "add stretches an axis",
      [
        [-1, 3, 4],
        [3, 1],
      ],
      (_, [a, b]) => ops.add(a!, b!),
    ],
    [
      "mul",
      [
        [-1, 3],
        [1, 3],
      ],
      (_, [a, b]) => ops.mul(a!, b!),
    ],
    [
      "sub",
      [
        [4, 1],
        [-1, 4, 3],
      ],
      (_, [a, b]) => ops.sub(a!, b!),
    ],
    ["scale", [[-1, 3]], (_, [a]) => ops.scale(a!, -0.7)],
    ["silu", [[-1, 5]], (_, [a]) => ops.silu(a!)],
    ["tanh", [[-1, 5]], (_, [a]) => ops.tanh(a!)],
    ["gelu", [[-1, 5]], (_, [a]) => ops.gelu(a!)],
    ["geluTanh", [[-1, 5]], (_, [a]) => ops.geluTanh(a!)],
    ["quickGelu", [[-1, 5]], (_, [a]) => ops.quickGelu(a!)],
    ["sumAll", [[-1, 5]], (_, [a]) => ops.sumAll(a!)],
    ["reshape", [[-6, 4]], (_, [a]) => ops.reshape(a!, [sym("batch_size"), 3, 8])],
    ["transpose", [[-1, 3, 4]], (_, [a]) => ops.transpose(a!, [2, 0, 1])],
    ["slice", [[-1, 5]], (_, [a]) => ops.slice(a!, 1, 1, 4)],
    ["pad", [[-1, 5]], (_, [a]) => ops.pad(a!, 1, 2, 1)],
    [
      "concat",
      [
        [-1, 2],
        [-1, 3],
      ],
      (_, inputs) => ops.concat(inputs, 1),
    ],
    [
      "split, all parts used",
      [[-1, 5]],
      (_, [a]) => {
        const [p, q] = ops.split(a!, 1, [3, 2]);
        return ops.mul(p!, ops.sumAll(q!));
      },
    ],
    ["split, one part unused", [[-1, 5]], (_, [a]) => ops.split(a!, 1, [3, 2])[1]!],
    ["neighbours3x3", [[-1, 3, 4, 2]], (_, [a]) => ops.neighbours3x3(a!)],
    ["spaceToDepth", [[-1, 4, 6, 2]], (_, [a]) => ops.spaceToDepth(a!, 2)],
    ["patches", [[-1, 3, 4, 6]], (_, [a]) => ops.patches(a!, 2)],
    ["flattenRows", [[-1, 3, 2]], (_, [a]) => ops.flattenRows(a!)],
    [
      "gemm",
      [
        [-1, 3],
        [3, 4],
      ],
      (_, [a, b]) => ops.gemm(a!, b!),
    ],
    [
      "gemm, a transposed",
      [
        [3, -1],
        [3, 4],
      ],
      (_, [a, b]) => ops.gemm(a!, b!, { transA: true }),
    ],
    [
      "gemm, b transposed",
      [
        [-1, 3],
        [4, 3],
      ],
      (_, [a, b]) => ops.gemm(a!, b!, { transB: true }),
    ],
    [
      "gemm, both transposed",
      [
        [3, -1],
        [4, 3],
      ],
      (_, [a, b]) => ops.gemm(a!, b!, { transA: true, transB: true }),
    ],
    [
      "linear on rows",
      [
        [-1, 3],
        [3, 2],
      ],
      (_, [a, b]) => ops.linear(a!, b!),
    ],
    [
      "linear on sequences",
      [
        [-1, 4, 3],
        [3, 2],
      ],
      (_, [a, b]) => ops.linear(a!, b!),
    ],
    [
      "batchMatMul",
      [
        [-1, 3, 2],
        [-1, 2, 4],
      ],
      (_, [a, b]) => ops.batchMatMul(a!, b!),
    ],
    [
      "batchMatMul, scaled, b transposed",
      [
        [-1, 2, 3, 2],
        [-1, 2, 4, 2],
      ],
      (_, [a, b]) => ops.batchMatMul(a!, b!, { transB: true, alpha: 0.3 }),
    ],
    [
      "batchMatMul, a transposed",
      [
        [-1, 2, 3],
        [-1, 2, 4],
      ],
      (_, [a, b]) => ops.batchMatMul(a!, b!, { transA: true }),
    ],
    [
      "batchMatMul, both transposed",
      [
        [-1, 2, 3],
        [-1, 4, 2],
      ],
      (_, [a, b]) => ops.batchMatMul(a!, b!, { transA: true, transB: true }),
    ],
    ["rmsNorm", [[-1, 3, 6], [6]], (_, [a, b]) => ops.rmsNorm(a!, b!)],
    ["layerNorm", [[-1, 3, 6], [6], [6]], (_, [a, b, c]) => ops.layerNorm(a!, b!, c!)],
    ["softmax", [[-1, 5]], (_, [a]) => ops.softmax(a!)],
    [
      "gatherRows with repeats",
      [[4, 3]],
      (g, [a]) => ops.gatherRows(a!, int64(g, [2, 0, 2, 2, 1, 3], [2, 3])),
    ],
    [
      "gatherRows from a table as long as the batch",
      [[-3, 3]],
      (g, [a]) => ops.gatherRows(a!, int64(g, [5, 0, 5])),
    ],
    [
      "crossEntropy",
      [[3, 5]],
      (g, [a]) => ops.crossEntropy(a!, int64(g, [4, 0, 4]), g.constant(Float32Array.of(0.5, 2, 0), [3])),
    ],
    ["a value used three times", [[-1, 3]], (_, [a]) => ops.add(ops.mul(a!, a!), ops.silu(a!))],
  ];
  test.each(cases)("%s", async (_, shapes, build) => checkGradient(shapes, build));
});

test("values: cross-entropy of uniform logits is log C per unit of weight", async () => {
  const graph = new Graph();
  const logits = graph.input("logits", "float32", [2, 4]);
  graph.output(
    "loss",
    ops.crossEntropy(logits, int64(graph, [3, 1]), graph.constant(Float32Array.of(1, 0.5), [2])),
  );
  const session = await openSession(toModelBytes(graph));
  const { loss } = await session.run({
    logits: { type: "float32", data: new Float32Array(8), dims: [2, 4] },
  });
  expect(loss!.data[0]).toBeCloseTo(1.5 * Math.log(4), 5);
});

/** What an operator makes of these numbers. */
async function valuesOf(data: number[], shape: number[], build: (x: Value) => Value): Promise<number[]> {
  const graph = new Graph();
  graph.output("y", build(graph.input("x", "float32", shape)));
  const session = await openSession(toModelBytes(graph));
  const { y } = await session.run({ x: { type: "float32", data: Float32Array.from(data), dims: shape } });
  await session.dispose();
  return [...(y!.data as Float32Array)];
}

test("values: the three kinds of GELU at -2, 0 and 1", async () => {
  // x Phi(x), and the two formulas, in 64-bit arithmetic.
  const expected: [(x: Value) => Value, number[]][] = [
    [ops.gelu, [-0.0455002639, 0, 0.8413447461]],
    [ops.geluTanh, [-0.0454023059, 0, 0.8411919906]],
    [ops.quickGelu, [-0.0643413769, 0, 0.8457957659]],
  ];
  for (const [op, values] of expected) {
    const found = await valuesOf([-2, 0, 1], [3], op);
    values.forEach((value, i) => {
      expect(found[i], `${op.name}[${i}]`).toBeCloseTo(value, 6);
    });
  }
});

test("values: layerNorm of 1, 2, 3, 6 with gain 2 and bias 1", async () => {
  const found = await valuesOf([1, 2, 3, 6], [1, 4], (x) => {
    const vector = (value: number) => x.graph.constant(new Float32Array(4).fill(value), [4]);
    return ops.layerNorm(x, vector(2), vector(1));
  });
  const deviation = Math.sqrt(3.5 + 1e-5); // about the mean of 3
  [-2, -1, 0, 3].forEach((distance, i) => {
    expect(found[i]).toBeCloseTo((2 * distance) / deviation + 1, 5);
  });
});

test("values: patches are squares in reading order, each channel by channel", async () => {
  const numbers = Array.from({ length: 16 }, (_, i) => i); // 2 channels of 2 x 4 pixels
  expect(await valuesOf(numbers, [1, 2, 2, 4], (x) => ops.patches(x, 2))).toEqual([
    ...[0, 1, 4, 5, 8, 9, 12, 13],
    ...[2, 3, 6, 7, 10, 11, 14, 15],
  ]);
});

test("values: neighbours3x3 times a kernel is a 3x3 convolution with zeros outside", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 }),
      async (pixels) => {
        const graph = new Graph();
        const x = graph.input("x", "float32", [1, 3, 4, 1]);
        const kernel = graph.constant(
          Float32Array.from({ length: 9 }, (_, i) => i + 1),
          [9, 1],
        );
        graph.output("y", ops.linear(ops.neighbours3x3(x), kernel));
        const session = await openSession(toModelBytes(graph));
        const { y } = await session.run({
          x: { type: "float32", data: Float32Array.from(pixels), dims: [1, 3, 4, 1] },
        });
        const expected = pixels.map((_, i) => {
          const row = Math.floor(i / 4);
          const column = i % 4;
          let sum = 0;
          for (let dr = -1; dr <= 1; dr++) {
            for (let dc = -1; dc <= 1; dc++) {
              const r = row + dr;
              const c = column + dc;
              if (r >= 0 && r < 3 && c >= 0 && c < 4) sum += pixels[r * 4 + c]! * ((dr + 1) * 3 + dc + 2);
            }
          }
          return sum;
        });
        expect([...(y!.data as Float32Array)]).toEqual(expected);
        await session.dispose();
      },
    ),
    { numRuns: 5 },
  );
});

describe("shape errors name operator, rule and shapes", () => {
  const graph = new Graph();
  const a = graph.input("a", "float32", [sym("batch_size"), 3]);
  const b = graph.input("b", "float32", [4, 3]);
  const c = graph.input("c", "float32", [sym("batch_size"), 4, 4, 3]);
  const index = graph.input("index", "int64", [2]);
  test.each<[string, () => unknown, string]>([
    ["add", () => ops.add(a, b), "onnx.add: shapes must broadcast, got [batch_size, 3] and [4, 3]."],
    [
      "gemm",
      () => ops.gemm(a, b),
      "onnx.gemm: inner dimensions must agree (transA false, transB false), got [batch_size, 3] and [4, 3].",
    ],
    [
      "linear",
      () => ops.linear(a, b),
      "onnx.linear: last axis of x must be the first of a 2-D weight, got [batch_size, 3] and [4, 3].",
    ],
    [
      "batchMatMul",
      () => ops.batchMatMul(c, a),
      "onnx.batchMatMul: inner dimensions must agree (transA false, transB false), got [batch_size, 4, 4, 3] and [batch_size, 3].",
    ],
    [
      "reshape",
      () => ops.reshape(b, [5, 3]),
      "onnx.reshape: new shape must hold as many elements: [5,3], got [4, 3].",
    ],
    [
      "transpose",
      () => ops.transpose(b, [0, 0]),
      "onnx.transpose: order [0,0] must name every axis once, got [4, 3].",
    ],
    [
      "slice",
      () => ops.slice(a, 0, 0, 1),
      "onnx.slice: 0..1 must lie within axis 0 of fixed size, got [batch_size, 3].",
    ],
    ["pad", () => ops.pad(a, 0, 1, 1), "onnx.pad: axis 0 must have a fixed size, got [batch_size, 3]."],
    [
      "concat",
      () => ops.concat([a, b], 1),
      "onnx.concat: all axes but 1 must agree, and axis 1 must have a fixed size, got [batch_size, 3] and [4, 3].",
    ],
    ["split", () => ops.split(b, 1, [1, 1]), "onnx.split: sizes [1,1] must add up to axis 1, got [4, 3]."],
    [
      "neighbours3x3",
      () => ops.neighbours3x3(b),
      "onnx.neighbours3x3: input must be [B, H, W, C], got [4, 3].",
    ],
    [
      "spaceToDepth",
      () => ops.spaceToDepth(c, 3),
      "onnx.spaceToDepth: input must be [B, H, W, C] with H and W multiples of 3, got [batch_size, 4, 4, 3].",
    ],
    [
      "flattenRows",
      () => ops.flattenRows(graph.input("d", "float32", [sym("batch_size"), sym("seq"), 3])),
      "onnx.flattenRows: at most one leading axis may be a symbol, got [batch_size, seq, 3].",
    ],
    [
      "rmsNorm",
      () => ops.rmsNorm(a, b),
      "onnx.rmsNorm: gain must have the size of the last axis, got [batch_size, 3] and [4, 3].",
    ],
    [
      "layerNorm",
      () => ops.layerNorm(b, ops.reshape(b, [12]), index),
      "onnx.layerNorm: gain and bias must have the size of the last axis, got [4, 3] and [12] and [2].",
    ],
    [
      "patches",
      () => ops.patches(c, 3),
      "onnx.patches: input must be [B, C, H, W] with H and W multiples of 3, got [batch_size, 4, 4, 3].",
    ],
    [
      "gatherRows",
      () => ops.gatherRows(c, index),
      "onnx.gatherRows: table must be [N, D], index int64, got [batch_size, 4, 4, 3].",
    ],
    [
      "crossEntropy",
      () => ops.crossEntropy(b, index, b),
      "onnx.crossEntropy: logits must be [N, C], targets and weights [N], got [4, 3] and [2] and [4, 3].",
    ],
  ])("%s", (_, act, message) => expect(act).toThrow(message));
});
