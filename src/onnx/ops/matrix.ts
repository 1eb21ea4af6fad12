import type { Value } from "../graph.ts";
import { sameDim, sameShape } from "../shape.ts";
import { checkShapes } from "./check.ts";
import { flattenRows } from "./layout.ts";

/** Matrix product of 2-D values, either one transposed first: [M, K] x [K, N] to [M, N]. */
export function gemm(a: Value, b: Value, { transA = false, transB = false } = {}): Value {
  checkShapes(a.shape.length === 2 && b.shape.length === 2, "gemm", "inputs must be 2-D", a, b);
  const [m, ka] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [kb, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  const rule = `inner dimensions must agree (transA ${transA}, transB ${transB})`;
  checkShapes(sameDim(ka, kb), "gemm", rule, a, b);
  return a.graph.node("Gemm", [a, b], [{ shape: [m, n] }], {
    attributes: { transA: Number(transA), transB: Number(transB) },
    backward: ([dy]) => [
      transA ? gemm(b, dy!, { transA: transB, transB: true }) : gemm(dy!, b, { transB: !transB }),
      transB ? gemm(dy!, a, { transA: true, transB: transA }) : gemm(a, dy!, { transA: !transA }),
    ],
  })[0]!;
}

/** A linear layer without bias: x [..., K] times weight [K, N] to [..., N]. */
export function linear(x: Value, weight: Value): Value {
  checkShapes(
    weight.shape.length === 2 && x.shape.length >= 2 && sameDim(x.shape.at(-1)!, weight.shape[0]!),
    "linear",
    "last axis of x must be the first of a 2-D weight",
    x,
    weight,
  );
  if (x.shape.length === 2) return gemm(x, weight);
  return x.graph.node("MatMul", [x, weight], [{ shape: [...x.shape.slice(0, -1), weight.shape[1]!] }], {
    backward: ([dy]) => [
      batchMatMul(dy!, weight, { transB: true }),
      gemm(flattenRows(x), flattenRows(dy!), { transA: true }),
    ],
  })[0]!;
}

/**
 * alpha times the matrix product over the last two axes, either factor transposed first. Leading axes must be equal,
 * or `b` may be a single matrix (then it gets no gradient here: linear is the layer with weights).
 */
export function batchMatMul(a: Value, b: Value, { transA = false, transB = false, alpha = 1 } = {}): Value {
  const shared = b.shape.length === 2;
  checkShapes(
    a.shape.length > 2 && (shared || sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))),
    "batchMatMul",
    "leading axes must be equal, or the second factor 2-D",
    a,
    b,
  );
  const [m, ka] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [kb, n] = transB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  const rule = `inner dimensions must agree (transA ${transA}, transB ${transB})`;
  checkShapes(sameDim(ka, kb), "batchMatMul", rule, a, b);
  const again = (p: Value, q: Value, tp: boolean, tq: boolean) =>
    batchMatMul(p, q, { transA: tp, transB: tq, alpha });
  return a.graph.node("FusedMatMul", [a, b], [{ shape: [...a.shape.slice(0, -2), m, n] }], {
    domain: "com.microsoft",
    attributes: { alpha: { float: alpha }, transA: Number(transA), transB: Number(transB) },
    backward: ([dy]) => [
      transA ? transposedFirst(again, b, dy!, transB) : again(dy!, b, false, !transB),
      shared ? null : transB ? again(dy!, a, true, transA) : again(a, dy!, !transA, false),
    ],
  })[0]!;
}

function transposedFirst(
  again: (p: Value, q: Value, tp: boolean, tq: boolean) => Value,
  b: Value,
  dy: Value,
  transB: boolean,
): Value {
  checkShapes(
    b.shape.length > 2,
    "batchMatMul",
    "a single matrix cannot meet a transposed first factor",
    b,
    dy,
  );
  return again(b, dy, transB, true);
}
