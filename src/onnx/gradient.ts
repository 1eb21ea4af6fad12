// Reverse-mode differentiation that emits ONNX. Each node knows how to turn the gradients of its outputs into
// gradients of its inputs, as more nodes; this file walks the nodes from the loss back and adds up what meets.

import { InternalError } from "../errors/index.ts";
import type { Node, Value } from "./graph.ts";
import { add } from "./ops/elementwise.ts";
import { formatShape, sameShape } from "./shape.ts";

/** Adds the backward pass of `loss` (a scalar) to its graph and returns its gradient for each of `wrt`. */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  const graph = loss.graph;
  if (loss.shape.length !== 0) {
    throw new InternalError({
      where: "onnx.gradients",
      rule: "loss must be a scalar",
      got: formatShape(loss.shape),
    });
  }
  const found = propagate(graph.nodes, new Map([[loss, graph.scalar(1)]]), wrt);
  return wrt.map((value, i) => {
    const gradient = found[i];
    if (!gradient) {
      throw new InternalError({ where: "onnx.gradients", rule: `loss must depend on "${value.name}"` });
    }
    return gradient;
  });
}

/**
 * Walks nodes from the last to the first, from the gradients that are known (`seeds`, by value) to those of `wrt`; undefined
 * where nothing leads there.
 */
export function propagate(
  part: readonly Node[],
  seeds: ReadonlyMap<Value, Value>,
  wrt: readonly (Value | null)[],
): (Value | undefined)[] {
  const nodes = part.slice();
  const needed = new Set<Value | null>(wrt);
  for (const node of nodes) {
    if (node.wrt.some((value) => needed.has(value))) for (const output of node.outputs) needed.add(output);
  }
  const pending = new Map(seeds);
  for (const node of nodes.reverse()) {
    const outputGradients = node.outputs.map((output) => pending.get(output) ?? null);
    if (!outputGradients.some(Boolean) || !node.wrt.some((value) => needed.has(value))) continue;
    if (!node.backward) {
      throw new InternalError({ where: `onnx.gradients: ${node.op}`, rule: "operator has no gradient" });
    }
    node.backward(outputGradients).forEach((gradient, i) => {
      const input = node.wrt[i];
      if (!gradient || !input || !needed.has(input)) return;
      if (!sameShape(gradient.shape, input.shape)) {
        throw new InternalError({
          where: `onnx.gradients: ${node.op}`,
          rule: `gradient ${i} must have its shape ${formatShape(input.shape)}`,
          got: formatShape(gradient.shape),
        });
      }
      const sofar = pending.get(input);
      pending.set(input, sofar ? add(sofar, gradient) : gradient);
    });
  }
  return wrt.map((value) => (value ? pending.get(value) : undefined));
}
