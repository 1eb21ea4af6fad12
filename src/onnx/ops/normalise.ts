import type { Value } from "../graph.ts";
import { sameShape } from "../shape.ts";
import { checkShapes } from "./check.ts";
import { mul, scale, sub } from "./elementwise.ts";
import { flattenRows, reshape } from "./layout.ts";

/**
 * RMSNorm over the last axis (Zhang and Sennrich 2019): y = gain * x / sqrt(mean(x^2) + epsilon). Forward is one
 * fused operator that also gives r = 1 / sqrt(...), [..., 1]. With h = x * r and g = dy * gain, the gradients are
 * dx = r * (g - h * mean(g * h)) and dgain = sum over rows of dy * h.
 */
export function rmsNorm(x: Value, gain: Value, epsilon = 1e-6): Value {
  const graph = x.graph;
  checkShapes(
    sameShape(gain.shape, x.shape.slice(-1)),
    "rmsNorm",
    "gain must have the size of the last axis",
    x,
    gain,
  );
  const rowShape = [...x.shape.slice(0, -1), 1];
  const [y, r] = graph.node(
    "SimplifiedLayerNormalization",
    [x, gain],
    [{ shape: x.shape }, { shape: rowShape }],
    {
      attributes: { axis: -1, epsilon: { float: epsilon } },
      backward: ([dy]) => {
        const h = mul(x, r!);
        const g = mul(dy!, gain);
        const mean = graph.node("ReduceMean", [mul(g, h)], [{ shape: rowShape }], {
          attributes: { axes: [-1], keepdims: 1 },
        })[0]!;
        const dx = mul(r!, sub(g, mul(h, mean)));
        const dgain = graph.node(
          "ReduceSum",
          [flattenRows(mul(dy!, h)), graph.ints(0)],
          [{ shape: gain.shape }],
          {
            attributes: { keepdims: 0 },
          },
        )[0]!;
        return [dx, dgain];
      },
    },
  );
  return y!;
}

/**
 * LayerNorm over the last axis (Ba et al. 2016, arXiv 1607.06450): y = gain * h + bias with h = (x - mean) * r and
 * r = 1 / sqrt(variance + epsilon). With g = dy * gain, the gradients are dx = r * (g - mean(g) - h * mean(g * h)), dgain =
 * sum over rows of dy * h and dbias = sum over rows of dy.
 */
export function layerNorm(x: Value, gain: Value, bias: Value, epsilon = 1e-5): Value {
  const graph = x.graph;
  checkShapes(
    sameShape(gain.shape, x.shape.slice(-1)) && sameShape(bias.shape, gain.shape),
    "layerNorm",
    "gain and bias must have the size of the last axis",
    x,
    gain,
    bias,
  );
  const rowShape = [...x.shape.slice(0, -1), 1];
  const meanOf = (v: Value) =>
    graph.node("ReduceMean", [v], [{ shape: rowShape }], { attributes: { axes: [-1], keepdims: 1 } })[0]!;
  const sumRows = (v: Value) =>
    graph.node("ReduceSum", [flattenRows(v), graph.ints(0)], [{ shape: gain.shape }], {
      attributes: { keepdims: 0 },
    })[0]!;
  const [y, mean, r] = graph.node(
    "LayerNormalization",
    [x, gain, bias],
    [{ shape: x.shape }, { shape: rowShape }, { shape: rowShape }],
    {
      attributes: { axis: -1, epsilon: { float: epsilon } },
      backward: ([dy]) => {
        const h = mul(sub(x, mean!), r!);
        const g = mul(dy!, gain);
        const dx = mul(r!, sub(sub(g, meanOf(g)), mul(h, meanOf(mul(g, h)))));
        return [dx, sumRows(mul(dy!, h)), sumRows(dy!)];
      },
    },
  );
  return y!;
}

/** Softmax over the last axis. dx = y * (dy - sum(dy * y)). */
export function softmax(x: Value): Value {
  const graph = x.graph;
  const [y] = graph.node("Softmax", [x], [{ shape: x.shape }], {
    attributes: { axis: -1 },
    backward: ([dy]) => {
      const weighted = mul(dy!, y!);
      const sum = graph.node(
        "ReduceSum",
        [weighted, graph.ints(-1)],
        [{ shape: [...x.shape.slice(0, -1), 1] }],
        {
          attributes: { keepdims: 1 },
        },
      )[0]!;
      return [sub(weighted, mul(y!, sum))];
    },
  });
  return y!;
}

/**
 * Weighted cross-entropy: sum over rows of weight * -log softmax(logits)[target], a scalar. logits [N, C], targets
 * [N] int64 in 0..C-1, weights [N]; a row of weight 0 counts nothing. dlogits = weight * (softmax - one-hot).
 */
export function crossEntropy(logits: Value, targets: Value, weights: Value): Value {
  const graph = logits.graph;
  const rows = logits.shape.slice(0, 1);
  checkShapes(
    logits.shape.length === 2 && sameShape(targets.shape, rows) && sameShape(weights.shape, rows),
    "crossEntropy",
    "logits must be [N, C], targets and weights [N]",
    logits,
    targets,
    weights,
  );
  const column = [rows[0]!, 1];
  const logp = graph.node("LogSoftmax", [logits], [{ shape: logits.shape }], {
    attributes: { axis: -1 },
  })[0]!;
  const index = reshape(targets, column);
  const picked = graph.node("GatherElements", [logp, index], [{ shape: column }], {
    attributes: { axis: 1 },
  })[0]!;
  const weightColumn = reshape(weights, column);
  const total = graph.node("ReduceSum", [mul(picked, weightColumn)], [{ shape: [] }], {
    attributes: { keepdims: 0 },
  });
  return graph.node("Neg", total, [{ shape: [] }], {
    wrt: [logits],
    backward: ([dy]) => {
      const w = mul(weightColumn, dy!);
      const softened = mul(graph.node("Exp", [logp], [{ shape: logits.shape }])[0]!, w);
      return graph.node("ScatterElements", [softened, index, scale(w, -1)], [{ shape: logits.shape }], {
        attributes: { axis: 1, reduction: "add" },
      });
    },
  })[0]!;
}
