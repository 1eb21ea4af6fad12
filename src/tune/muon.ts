// Muon (Jordan et al. 2024): momentum for hidden matrices, made orthogonal before it is applied. Five Newton-Schulz
// steps push all singular values of the momentum towards 1, so that every direction of a matrix learns at the same
// speed, not only the few that dominate the gradient. They run as one ONNX graph over all matrices of a worker.

import { Graph, openSession, ops, type Tensors, toModelBytes, type Value } from "../onnx/index.ts";

/** Coefficients of the quintic iteration X <- aX + b(XX')X + c(XX')^2 X. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/** Momentum, with Nesterov's look-ahead. */
const MOMENTUM = 0.95;

export interface MuonMatrix {
  name: string;
  /** [inputs, outputs] */
  shape: readonly number[];
  weights: Float32Array;
  /** The flat array's part for this matrix; kept between steps and in checkpoints. */
  momentum: Float32Array;
  gradient: Float32Array;
  /** Factor on the learning rate. @default 1 */
  rate?: number;
}

export interface Muon {
  /** Updates weights and momentum in place. `gradientScale` multiplies the gradient first (clipping). */
  step(options: { learningRate: number; weightDecay: number; gradientScale: number }): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens the update for these matrices. The size of an update equals AdamW's: 0.2 * sqrt(max(inputs, outputs)). */
export async function createMuon(matrices: readonly MuonMatrix[]): Promise<Muon> {
  // A worker may own none, as with adapters alone; ONNX Runtime takes no empty graph.
  if (matrices.length === 0) return { step: async () => {}, dispose: async () => {} };
  const graph = new Graph();
  const inputs: Tensors = {};
  const outputs: Tensors = {};
  for (const { name, shape } of matrices) {
    graph.output(`out:${name}`, orthogonalize(graph.input(name, "float32", shape)));
    const size = shape.reduce((a, b) => a * b, 1);
    inputs[name] = { type: "float32", data: new Float32Array(size), dims: shape };
    outputs[`out:${name}`] = { type: "float32", data: new Float32Array(size), dims: shape };
  }
  const session = await openSession(toModelBytes(graph), { name: "tune.muon" });
  return {
    async step({ learningRate, weightDecay, gradientScale }) {
      for (const { name, momentum, gradient } of matrices) {
        const ahead = inputs[name]!.data as Float32Array;
        for (let i = 0; i < momentum.length; i++) {
          const g = gradient[i]! * gradientScale;
          const m = MOMENTUM * momentum[i]! + g;
          momentum[i] = m;
          ahead[i] = g + MOMENTUM * m;
        }
      }
      await session.run(inputs, { into: outputs });
      for (const { name, shape, weights, rate = 1 } of matrices) {
        const direction = outputs[`out:${name}`]!.data as Float32Array;
        const size = rate * learningRate * 0.2 * Math.sqrt(Math.max(...shape));
        const keep = 1 - rate * learningRate * weightDecay;
        for (let i = 0; i < weights.length; i++) weights[i] = keep * weights[i]! - size * direction[i]!;
      }
    },
    dispose: () => session.dispose(),
  };
}

/** Five Newton-Schulz steps on a 2-D value, with the shorter side first so that XX' is the small product. */
export function orthogonalize(x: Value): Value {
  const graph = x.graph;
  const [rows, columns] = x.shape as [number, number];
  const one = (op: string, ...inputs: Value[]) => graph.node(op, inputs, [{ shape: inputs[0]!.shape }])[0]!;
  const size = one("Add", one("Sqrt", ops.sumAll(ops.mul(x, x))), graph.scalar(1e-7));
  let y = one("Div", rows > columns ? ops.transpose(x, [1, 0]) : x, size);
  for (let i = 0; i < 5; i++) {
    const square = ops.gemm(y, y, { transB: true });
    const polynomial = ops.add(ops.scale(square, B), ops.scale(ops.gemm(square, square), C));
    y = ops.add(ops.scale(y, A), ops.gemm(polynomial, y));
  }
  return rows > columns ? ops.transpose(y, [1, 0]) : y;
}
