// The yardstick of training steps: one matrix product, again and again.
import { Graph, openSession, ops, toModelBytes } from "../../src/onnx/index.ts";
import { createRng } from "../../src/util/rng.ts";

/** Repeats a product of shape [rows, inner] x [inner, columns] until it is about as much work as `flops`. */
export async function plainMatMul([rows, inner, columns]: [number, number, number], flops: number) {
  const graph = new Graph();
  const [a, b] = [graph.input("a", "float32", [rows, inner]), graph.input("b", "float32", [inner, columns])];
  graph.output("y", ops.gemm(a, b));
  const session = await openSession(toModelBytes(graph));
  const rng = createRng("plain");
  const fill = (...dims: number[]) => {
    const data = Float32Array.from({ length: dims.reduce((x, y) => x * y) }, () => rng.normal());
    return { type: "float32" as const, data, dims };
  };
  const inputs = { a: fill(rows, inner), b: fill(inner, columns) };
  const y = { type: "float32" as const, data: new Float32Array(rows * columns), dims: [rows, columns] };
  const each = 2 * rows * inner * columns;
  const times = Math.max(1, Math.round(flops / each));
  return {
    flops: each * times,
    async run() {
      for (let i = 0; i < times; i++) await session.run(inputs, { into: { y } });
    },
    dispose: () => session.dispose(),
  };
}
