import type { Value } from "../graph.ts";
import { mul, sub } from "./elementwise.ts";

/** Hyperbolic tangent, element by element: y in -1..1, dx = dy * (1 - y^2). */
export function tanh(x: Value): Value {
  const [y] = x.graph.node("Tanh", [x], [{ shape: x.shape }], {
    backward: ([dy]) => [mul(dy!, sub(x.graph.scalar(1), mul(y!, y!)))],
  });
  return y!;
}
