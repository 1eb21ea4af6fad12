import { expect, test } from "vitest";
import { createRng } from "../util/rng.ts";
import { compressWeights } from "./compress-weights.ts";
import { Graph } from "./graph.ts";
import { toHalves } from "./half.ts";
import { toModelBytes } from "./model-proto.ts";
import * as ops from "./ops/index.ts";
import { openSession, type Tensors } from "./session.ts";

const rng = createRng("compress");
const random = (n: number, size = 1) => Float32Array.from({ length: n }, () => size * rng.normal());

/** Looks up embeddings and angles, multiplies them through both kinds of product, and adds a vector. */
function model(): Uint8Array {
  const graph = new Graph();
  const ids = graph.input("input_ids", "int64", [1, 3]);
  const places = graph.input("places", "int64", [1, 3]);
  const table = graph.constant(random(64 * 32), [64, 32], "embedding");
  const angles = graph.constant(random(64 * 32, 1e-3), [64, 32], "angles");
  const weight = graph.constant(random(32 * 48), [32, 48], "weight");
  const x = ops.add(ops.gatherRows(table, ids), ops.gatherRows(angles, places));
  const y = ops.linear(x, weight); // [1, 3, 48]
  const gain = graph.constant(random(48), [48], "gain");
  graph.output("y", ops.mul(y, gain));
  const head = graph.constant(random(100 * 48), [100, 48], "head");
  graph.output("logits", ops.batchMatMul(y, head, { transB: true }));
  graph.output("angle", ops.gatherRows(angles, places));
  return toModelBytes(graph);
}

async function outputs(bytes: Uint8Array) {
  const session = await openSession(bytes);
  const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);
  const inputs: Tensors = {
    input_ids: { type: "int64", data: ids(3, 60, 7), dims: [1, 3] },
    places: { type: "int64", data: ids(0, 1, 2), dims: [1, 3] },
  };
  const out = await session.run(inputs);
  await session.dispose();
  return Object.fromEntries(
    Object.entries(out).map(([name, { data }]) => [name, data as Float32Array]),
  ) as Record<"y" | "logits" | "angle", Float32Array>;
}

/** Length of the difference beside the length of what it is from. */
function error(from: Float32Array, to: Float32Array): number {
  const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return length(from.map((value, i) => value - to[i]!)) / length(from);
}

const whole = model();

test.each([
  ["float16" as const, 0.53, 1e-3],
  ["int8" as const, 0.46, 0.02],
])("%s: smaller, and nearly the same outputs", async (type, share, bound) => {
  const small = compressWeights(whole, type, "m.onnx");
  expect(small.length).toBeLessThan(share * whole.length);
  const [before, after] = [await outputs(whole), await outputs(small)];
  for (const name of ["y", "logits"] as const) {
    const off = error(before[name], after[name]);
    expect(off, name).toBeLessThan(bound);
    expect(off, name).toBeGreaterThan(0);
  }
  // A table that is not looked up by tokens has no channels to scale; halves hold it well enough.
  if (type === "int8") expect(after.angle).toEqual(before.angle);
});

test("int8 has a scale for each output channel: one that is a thousand times larger costs the others nothing", async () => {
  const build = (factor: number) => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2, 32]);
    const own = createRng("columns");
    const columns = Float32Array.from(
      { length: 32 * 40 },
      (_, i) => own.normal() * (i % 40 === 0 ? factor : 1),
    );
    graph.output("y", ops.linear(x, graph.constant(columns, [32, 40], "w")));
    return toModelBytes(graph);
  };
  const x = { type: "float32" as const, data: random(64), dims: [1, 2, 32] };
  const run = async (bytes: Uint8Array) => {
    const session = await openSession(bytes);
    const { y } = await session.run({ x });
    await session.dispose();
    return (y!.data as Float32Array).filter((_, i) => i % 40 !== 0);
  };
  const plain = await run(compressWeights(build(1), "int8", "m"));
  expect(await run(compressWeights(build(1000), "int8", "m"))).toEqual(plain);
});

test("what is no ONNX file is refused by name", () => {
  expect(() => compressWeights(new Uint8Array([10, 200, 1]), "int8", "a/b.onnx")).toThrow(
    /^a\/b\.onnx: file must be an ONNX model, got message ends at byte 3/,
  );
});

test("halves are rounded as Float16Array rounds, and stay finite", () => {
  const values = new Float32Array([0, -0, 1, 1.0005, -2.7, 1e-7, 6e-8, 3e-8, 2.98e-8, 6.1e-5, 65504, 1e-12]);
  const some = Float32Array.from([...values, ...random(2000), ...random(500, 1e-6), ...random(500, 1e4)]);
  expect(toHalves(some)).toEqual(new Uint16Array(Float16Array.from(some).buffer));
  expect([...toHalves(new Float32Array([1e9, -Infinity, 65520]))]).toEqual([0x7bff, 0xfbff, 0x7bff]);
  expect(toHalves(new Float32Array([Number.NaN]))[0]! & 0x7fff).toBeGreaterThan(0x7c00);
});
