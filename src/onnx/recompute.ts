// Activation checkpointing (Chen et al. 2016, arXiv 1604.06174): a part of the graph whose values are not kept for the
// backward pass but computed a second time in it, from the part's input. ONNX Runtime would compute the second copy as early
// as it can, so its input is made to depend on the gradient that arrives at the part's output.
import { propagate } from "./gradient.ts";
import type { Value } from "./graph.ts";
import { add, scale } from "./ops/elementwise.ts";

/**
 * Adds what `build` makes of x to the graph, once now and once more in the backward pass. `build` must add the same nodes
 * each time. Everything else that it uses must exist before, or be a graph input or a constant.
 */
export function recompute(x: Value, build: (x: Value) => Value): Value {
  const { graph } = x;
  const first = graph.nodes.length;
  const inner = build(x);
  const nodes = graph.nodes.slice(first);
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const used = new Set<Value>([x]);
  for (const { wrt } of nodes) for (const value of wrt) if (value && !made.has(value)) used.add(value);
  // What is none of the part's own: its input, and the weights (and tables) that it uses.
  const [, ...others] = [...used].filter(({ type }) => type === "float32");
  return graph.node("Identity", [inner], [{ shape: inner.shape }], {
    wrt: [x, ...others],
    backward: ([dy]) => {
      const again = add(x, scale(firstElement(dy!), 0));
      const from = graph.nodes.length;
      const y = build(again);
      const second = graph.nodes.slice(from);
      return propagate(second, new Map([[y, dy!]]), [again, ...others]).map((gradient) => gradient ?? null);
    },
  })[0]!;
}

/** The first element of a value, as a scalar. */
function firstElement(x: Value): Value {
  const { graph } = x;
  let value = x;
  while (value.shape.length > 0) {
    const shape = value.shape.slice(1);
    value = graph.node("Gather", [value, graph.int(0)], [{ shape }], { attributes: { axis: 0 } })[0]!;
  }
  return value;
}
