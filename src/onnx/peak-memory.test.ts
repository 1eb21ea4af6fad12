import { expect, test } from "vitest";
import { gradients } from "./gradient.ts";
import { Graph, type Value } from "./graph.ts";
import * as ops from "./ops/index.ts";
import { peakBytes } from "./peak-memory.ts";
import { recompute } from "./recompute.ts";
import { sym } from "./shape.ts";

const rows = 8;
const bytes = 4 * rows * rows;

/** The peak of a graph of one input [B, 8] with this output; B is 8. */
function peakOf(build: (x: Value) => Value): number {
  const graph = new Graph();
  graph.output("y", build(graph.input("x", "float32", [sym("batch_size"), rows])));
  return peakBytes(graph, { batch_size: rows });
}
const product = (x: Value) => ops.gemm(x, x.graph.constant(new Float32Array(rows * rows), [rows, rows]));

test("a chain of products holds two values at a time; inputs, constants and outputs are not counted", () => {
  expect(peakOf((x) => product(x))).toBe(0);
  expect(peakOf((x) => product(product(x)))).toBe(bytes);
  expect(peakOf((x) => product(product(product(product(x)))))).toBe(2 * bytes);
});

test("what is needed later is held until then", () => {
  const chain = (x: Value) => product(product(product(x)));
  expect(
    peakOf((x) => {
      const early = product(x);
      return ops.add(chain(early), early);
    }),
  ).toBe(3 * bytes);
});

test("sums write over what nobody needs any more; other shapes are the same bytes", () => {
  const shift = (x: Value) => ops.add(x, x.graph.constant(new Float32Array(rows), [rows]));
  expect(peakOf((x) => product(shift(shift(product(x)))))).toBe(bytes);
  const reshaped = (x: Value) => ops.reshape(x, [sym("batch_size", 2), rows / 2]);
  const back = (x: Value) => ops.reshape(x, [sym("batch_size"), rows]);
  expect(peakOf((x) => product(back(reshaped(product(x)))))).toBe(bytes);
});

test("layers that are computed again hold their inputs and one layer at a time", () => {
  const depth = 10;
  const width = 3;
  const layer = (x: Value) => Array.from({ length: width }).reduce<Value>((y) => ops.silu(product(y)), x);
  const peak = (again: boolean) => {
    const graph = new Graph();
    const weight = graph.input("w", "float32", [rows, rows]);
    let h: Value = ops.gemm(graph.input("x", "float32", [sym("batch_size"), rows]), weight);
    for (let i = 0; i < depth; i++) h = again ? recompute(h, layer) : layer(h);
    graph.output("gradient", gradients(ops.sumAll(h), [weight])[0]!);
    return peakBytes(graph, { batch_size: rows }) / bytes;
  };
  expect(peak(false)).toBeGreaterThan(depth * width);
  expect(peak(true)).toBeGreaterThan(depth + width);
  expect(peak(true)).toBeLessThan(depth + 5 * width);
});
