// How much memory one run of a graph takes, before it is run: a walk through the nodes in the order in which ONNX Runtime runs them
// that adds what each one makes and takes away what nobody needs any more. The most there ever is at once is the answer.
import type { Graph, Node, Value } from "./graph.ts";
import { schedule } from "./model-proto.ts";

/** Operators whose result is the same bytes under another shape. */
const views = new Set(["Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"]);
/** Operators that write their result over an input that nobody needs any more. */
const inPlace = new Set([
  ...[
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Neg",
    "Relu",
    "Tanh",
    "Sigmoid",
    "Exp",
    "Erf",
    "Sqrt",
    "Reciprocal",
    "Clip",
  ],
]);

const bytesOf = { float32: 4, int64: 8, bool: 1 } as const;

/**
 * The most bytes that a run of the graph holds at once of what its nodes make. Graph inputs and constants are not counted, nor are
 * outputs, whose memory is given by the caller. `sizes` gives the run-time dimensions by symbol.
 */
export function peakBytes(graph: Graph, sizes: Record<string, number>): number {
  const order = runOrder(schedule(graph));
  const given = new Set(graph.outputs.map(({ value }) => value));
  const roots = new Map<Value, Value>();
  const rootOf = (value: Value) => roots.get(value) ?? value;
  const lastUse = new Map<Value, number>();
  order.forEach(({ op, inputs, outputs }, at) => {
    for (const input of inputs) if (input) lastUse.set(rootOf(input), at);
    if (views.has(op) && inputs[0]) roots.set(outputs[0]!, rootOf(inputs[0]));
  });
  const held = new Map<Value, number>();
  let [now, peak] = [0, 0];
  order.forEach(({ op, inputs, outputs }, at) => {
    const dying = new Set(inputs.flatMap((input) => (input ? [rootOf(input)] : [])));
    for (const value of dying) if (lastUse.get(value) !== at || !held.has(value)) dying.delete(value);
    const release = (value: Value) => {
      now -= held.get(value)!;
      held.delete(value);
      dying.delete(value);
    };
    for (const output of outputs) {
      if (roots.has(output) || given.has(output)) continue;
      const bytes = sizeOf(output, sizes);
      const over = inPlace.has(op) && [...dying].find((value) => held.get(value) === bytes);
      if (over) release(over);
      held.set(output, bytes);
      now += bytes;
    }
    peak = Math.max(peak, now);
    for (const value of dying) release(value);
    for (const output of outputs) if (held.has(output) && !lastUse.has(output)) dying.add(output);
    for (const value of dying) release(value);
  });
  return peak;
}

/**
 * ONNX Runtime's order: depth first from the nodes whose results no other node reads, the last one first; of a node's inputs, the
 * one that was added last comes first.
 */
function runOrder(nodes: readonly Node[]): Node[] {
  const index = new Map(nodes.map((node, i) => [node, i]));
  const producers = (node: Node) =>
    [...new Set(node.inputs.flatMap((input) => (input?.producer ? [input.producer] : [])))].sort(
      (a, b) => index.get(a)! - index.get(b)!,
    );
  const read = new Set(nodes.flatMap(producers));
  const stack = nodes.filter((node) => !read.has(node)).map((node) => ({ node, leaving: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, leaving } = next;
    if (leaving) order.push(node);
    if (leaving || seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, leaving: true });
    for (const producer of producers(node))
      if (!seen.has(producer)) stack.push({ node: producer, leaving: false });
  }
  return order;
}

function sizeOf({ type, shape }: Value, sizes: Record<string, number>): number {
  return shape.reduce<number>(
    (n, dim) => n * (typeof dim === "number" ? dim : dim.times * sizes[dim.symbol]!),
    bytesOf[type],
  );
}
