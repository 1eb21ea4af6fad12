// Operators that work element by element, with numpy-style broadcasting and its gradient (a sum over the
// broadcast axes).

import type { Value } from "../graph.ts";
import { broadcast, type Dim, sameDim } from "../shape.ts";
import { checkShapes } from "./check.ts";
import { reshape } from "./layout.ts";

function binary(op: string, a: Value, b: Value, backward: (dy: Value) => [Value, Value]): Value {
  const shape = broadcast(a.shape, b.shape);
  checkShapes(shape, op.toLowerCase(), "shapes must broadcast", a, b);
  return a.graph.node(op, [a, b], [{ shape }], {
    backward: ([dy]) => {
      const [da, db] = backward(dy!);
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    },
  })[0]!;
}

/** Sums over the axes that broadcasting from `shape` added or stretched. */
function sumTo(x: Value, shape: readonly Dim[]): Value {
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((d, i) => (i < lead || !sameDim(d, shape[i - lead]!) ? [i] : []));
  if (axes.length === 0) return x;
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const sum = x.graph.node("ReduceSum", [x, x.graph.ints(...axes)], [{ shape: kept }], {
    attributes: { keepdims: 1 },
  })[0]!;
  return lead > 0 ? reshape(sum, shape) : sum;
}

/** a + b */
export function add(a: Value, b: Value): Value {
  return binary("Add", a, b, (dy) => [dy, dy]);
}

/** a * b */
export function mul(a: Value, b: Value): Value {
  return binary("Mul", a, b, (dy) => [mul(dy, b), mul(dy, a)]);
}

/** a - b */
export function sub(a: Value, b: Value): Value {
  return binary("Sub", a, b, (dy) => [dy, scale(dy, -1)]);
}

/** x times a number that is fixed when the graph is built. */
export function scale(x: Value, factor: number): Value {
  return mul(x, x.graph.scalar(factor));
}

/** x * sigmoid(x). Its gradient is s + y * (1 - s), with s = sigmoid(x) and y = x * s. */
export function silu(x: Value): Value {
  const graph = x.graph;
  const s = graph.node("Sigmoid", [x], [{ shape: x.shape }])[0]!;
  const [y] = graph.node("Mul", [x, s], [{ shape: x.shape }], {
    wrt: [x],
    backward: ([dy]) => [mul(dy!, add(s, mul(y!, sub(graph.scalar(1), s))))],
  });
  return y!;
}

/** Sum of all elements, a scalar. */
export function sumAll(x: Value): Value {
  return x.graph.node("ReduceSum", [x], [{ shape: [] }], {
    attributes: { keepdims: 0 },
    backward: ([dy]) => {
      const shape = x.graph.node("Shape", [x], [{ type: "int64", shape: [x.shape.length] }])[0]!;
      return x.graph.node("Expand", [dy!, shape], [{ shape: x.shape }]);
    },
  })[0]!;
}
