// The activations of pretrained transformers beside SiLU. Phi and phi are the distribution and the density of the normal
// distribution.

import type { Value } from "../graph.ts";
import { add, mul, scale, silu, sub } from "./elementwise.ts";

function unary(op: string, x: Value): Value {
  return x.graph.node(op, [x], [{ shape: x.shape }])[0]!;
}

/** GELU (Hendrycks and Gimpel 2016, arXiv 1606.08415), exact: x * Phi(x). Its gradient is Phi(x) + x * phi(x). */
export function gelu(x: Value): Value {
  const { graph } = x;
  const phi = scale(add(unary("Erf", scale(x, Math.SQRT1_2)), graph.scalar(1)), 0.5);
  const [y] = graph.node("Mul", [x, phi], [{ shape: x.shape }], {
    wrt: [x],
    backward: ([dy]) => {
      const density = scale(unary("Exp", scale(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy!, add(phi, mul(x, density)))];
    },
  });
  return y!;
}

/**
 * GELU with Phi approximated by a tanh: x * h with h = (1 + tanh u) / 2 and u = sqrt(2/pi) * (x + 0.044715 x^3). Its
 * gradient is h + x * 2h(1 - h) * du/dx.
 */
export function geluTanh(x: Value): Value {
  const { graph } = x;
  const [slope, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = mul(x, x);
  const u = scale(mul(x, add(scale(square, cubic), graph.scalar(1))), slope);
  const h = scale(add(unary("Tanh", u), graph.scalar(1)), 0.5);
  const [y] = graph.node("Mul", [x, h], [{ shape: x.shape }], {
    wrt: [x],
    backward: ([dy]) => {
      const du = scale(add(scale(square, 3 * cubic), graph.scalar(1)), slope);
      const dh = scale(mul(mul(h, sub(graph.scalar(1), h)), du), 2);
      return [mul(dy!, add(h, mul(x, dh)))];
    },
  });
  return y!;
}

/** GELU with Phi approximated by a sigmoid: x * sigmoid(1.702 x). */
export function quickGelu(x: Value): Value {
  return scale(silu(scale(x, 1.702)), 1 / 1.702);
}
