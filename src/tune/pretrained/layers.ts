// Layers as pretrained checkpoints store them: matrices are [outputs, inputs], often with a bias. Activations are rows,
// [batch * length, width]; only attention looks at batch and length apart. At most one of the two may be a symbol.
import { type Dim, ops, recompute, type Value } from "../../onnx/index.ts";
import type { ParameterSource } from "../parameters.ts";

/** Batch and length of the sequences whose tokens are the rows. */
export interface Rows {
  batch: Dim;
  length: Dim;
}

/** A weight of the checkpoint by its name there. Initial values are not used: a checkpoint has them all. */
export function weight(p: ParameterSource, name: string, shape: number[]): Value {
  return p.get({ name, shape, init: 0, optimizer: shape.length === 2 ? "muon" : "adamw" });
}

/** A linear layer on rows [N, inputs] to [N, outputs]: `NAME.weight` [outputs, inputs], and `NAME.bias` where there is one. */
export function project(p: ParameterSource, name: string, x: Value, outputs: number, bias: boolean): Value {
  const inputs = x.shape[1] as number;
  const product = ops.gemm(x, weight(p, `${name}.weight`, [outputs, inputs]), { transB: true });
  const y = bias ? ops.add(product, weight(p, `${name}.bias`, [outputs])) : product;
  return p.adapt ? p.adapt(name, x, y) : y;
}

export function rmsNorm(p: ParameterSource, name: string, x: Value, epsilon: number): Value {
  return ops.rmsNorm(x, weight(p, `${name}.weight`, [x.shape[1] as number]), epsilon);
}

export function layerNorm(p: ParameterSource, name: string, x: Value, epsilon: number): Value {
  const shape = [x.shape[1] as number];
  return ops.layerNorm(x, weight(p, `${name}.weight`, shape), weight(p, `${name}.bias`, shape), epsilon);
}

/** Rows [B * T, H * d] as heads [B, H, T, d]. */
export function toHeads(x: Value, { batch, length }: Rows, heads: number): Value {
  const size = (x.shape[1] as number) / heads;
  return ops.transpose(ops.reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]);
}

/**
 * Attention of queries [B, H, T, d] over keys and values [B, G, S, d], to rows [B * T, H * d]. With fewer key-value heads than
 * heads (grouped queries, Ainslie et al. 2023, arXiv 2305.13245) the heads of a group are read as one longer sequence, so that
 * nothing is copied. `bias` is added to the scores, [1, 1, T, S].
 */
export function attend(q: Value, k: Value, v: Value, bias?: Value): Value {
  const [batch, heads, length, size] = q.shape as [Dim, number, Dim, number];
  const [, groups, seen] = k.shape as [Dim, number, Dim];
  const grouped = times(length, heads / groups);
  const folded = ops.reshape(q, [batch, groups, grouped, size]);
  const scores = ops.batchMatMul(folded, k, { transB: true, alpha: 1 / Math.sqrt(size) });
  const all = ops.reshape(scores, [batch, heads, length, seen]);
  const weights = ops.softmax(bias ? ops.add(all, bias) : all);
  const mixed = ops.batchMatMul(ops.reshape(weights, [batch, groups, grouped, seen]), v);
  const apart = ops.transpose(ops.reshape(mixed, [batch, heads, length, size]), [0, 2, 1, 3]);
  const rows = typeof batch === "number" ? times(length, batch) : times(batch, length as number);
  return ops.reshape(apart, [rows, heads * size]);
}

function times(dim: Dim, n: number): Dim {
  return typeof dim === "number" ? dim * n : { symbol: dim.symbol, times: dim.times * n };
}

/** Layers one after another; each is computed again in the backward pass where the source asks for that. */
export function throughLayers(
  p: ParameterSource,
  x: Value,
  count: number,
  layer: (x: Value, i: number) => Value,
): Value {
  let h = x;
  for (let i = 0; i < count; i++) h = p.recomputes ? recompute(h, (input) => layer(input, i)) : layer(h, i);
  return h;
}
