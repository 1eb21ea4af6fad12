import type { Graph, Value } from "./graph.ts";
import { schedule } from "./model-proto.ts";

/**
 * Floating-point operations of all matrix products that a graph's outputs depend on: 2 * rows * columns * inner for
 * each. Element-wise work is not counted. `sizes` gives the run-time dimensions by symbol.
 */
export function matrixFlops(graph: Graph, sizes: Record<string, number>): number {
  const size = ({ shape }: Value) =>
    shape.reduce<number>((n, d) => n * (typeof d === "number" ? d : d.times * sizes[d.symbol]!), 1);
  let total = 0;
  for (const { op, inputs, outputs, attributes } of schedule(graph)) {
    if (op !== "Gemm" && op !== "MatMul" && op !== "FusedMatMul") continue;
    const a = inputs[0]!;
    const inner = a.shape.at(attributes.transA === 1 ? -2 : -1)!;
    total += 2 * size(outputs[0]!) * (typeof inner === "number" ? inner : inner.times * sizes[inner.symbol]!);
  }
  return total;
}
