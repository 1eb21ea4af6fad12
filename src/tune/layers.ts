import { ops, recompute, type Value } from "../onnx/index.ts";
import type { ParameterSource } from "./parameters.ts";

/**
 * Bias-free linear layer, x [..., inputs] to [..., outputs]. `gain` scales the initial weights. Where the source has an
 * adapter for it (LoRA), the low-rank product is added.
 */
export function linear(p: ParameterSource, name: string, x: Value, outputs: number, gain = 1): Value {
  const y = ops.linear(x, matrix(p, name, x.shape.at(-1) as number, outputs, gain));
  return p.adapt ? p.adapt(name, x, y) : y;
}

/** The matrix [inputs, outputs] of a linear layer, without what adapts it. */
export function matrix(p: ParameterSource, name: string, inputs: number, outputs: number, gain = 1): Value {
  return p.get({ name, shape: [inputs, outputs], init: gain / Math.sqrt(inputs), optimizer: "muon" });
}

/** Attention of queries [B, T, D] over seen [B, S, D], without positions. `bias` is added to the scores [B, heads, T, S]. */
export function attend(
  p: ParameterSource,
  name: string,
  queries: Value,
  seen: Value,
  { heads, bias }: { heads: number; bias?: Value | undefined },
): Value {
  const [b, t, width] = queries.shape as [Value["shape"][number], number, number];
  const d = width / heads;
  const toHeads = (v: Value) => ops.transpose(ops.reshape(v, [b, v.shape[1]!, heads, d]), [0, 2, 1, 3]);
  const q = toHeads(linear(p, `${name}.query`, queries, width));
  const [k, v] = ops.split(linear(p, `${name}.key_value`, seen, 2 * width), 2, [width, width]).map(toHeads);
  const scores = ops.batchMatMul(q, k!, { transB: true, alpha: 1 / Math.sqrt(d) });
  const weights = ops.softmax(bias ? ops.add(scores, bias) : scores);
  const mixed = ops.reshape(ops.transpose(ops.batchMatMul(weights, v!), [0, 2, 1, 3]), [b, t, width]);
  return linear(p, `${name}.output`, mixed, width);
}

/** RMSNorm with a learned gain. */
export function norm(p: ParameterSource, name: string, x: Value): Value {
  return ops.rmsNorm(x, p.get({ name, shape: [x.shape.at(-1) as number], init: "ones", optimizer: "adamw" }));
}

export interface AttentionOptions {
  heads: number;
  /** Added to the scores, [B, 1, T, S]: 0 where a token may look, a large negative number where not. */
  bias?: Value;
  /** Changes queries and keys [B, H, T, d] by position. */
  rotate?: (x: Value) => Value;
  /** Joins keys and values with those of earlier calls, [B, H, T, d] to [B, H, S, d]. */
  remember?: (key: Value, value: Value) => [Value, Value];
}

/** Where a bridge reaches into a transformer layer; all take and give [B, T, D]. */
export interface LayerHooks {
  /** Runs before the layer. */
  before?: (x: Value) => Value;
  /** Changes what the attention reads, normalised. */
  attentionInput?: (x: Value) => Value;
  /** Gives, for the queries without positions, what is added to the heads' answers before the output matrix. */
  attended?: (queries: Value) => Value;
}

interface LayerOptions extends AttentionOptions {
  feedForward: number;
  depth: number;
  hooks?: LayerHooks | undefined;
}

/** One transformer layer, pre-norm: x + attention(norm(x)), then x + feedForward(norm(x)). x is [B, T, D]. */
export function transformerLayer(p: ParameterSource, name: string, x: Value, options: LayerOptions): Value {
  if (!p.recomputes) return computeLayer(p, name, x, options);
  return recompute(x, (input) => computeLayer(p, name, input, options));
}

function computeLayer(
  p: ParameterSource,
  name: string,
  given: Value,
  { feedForward, depth, hooks = {}, ...attention }: LayerOptions,
): Value {
  const width = given.shape[2] as number;
  const x = hooks.before ? hooks.before(given) : given;
  const residualGain = 1 / Math.sqrt(2 * depth);
  const read = norm(p, `${name}.attention_norm`, x);
  const attended = multiHeadAttention(
    p,
    `${name}.attention`,
    hooks.attentionInput ? hooks.attentionInput(read) : read,
    { ...attention, attended: hooks.attended },
  );
  const y = ops.add(x, linear(p, `${name}.attention.output`, attended, width, residualGain));
  const hidden = linear(p, `${name}.feed_forward.up`, norm(p, `${name}.feed_forward_norm`, y), feedForward);
  return ops.add(y, linear(p, `${name}.feed_forward.down`, ops.silu(hidden), width, residualGain));
}

function multiHeadAttention(
  p: ParameterSource,
  name: string,
  x: Value,
  {
    heads,
    bias,
    rotate = (v) => v,
    remember = (k, v) => [k, v],
    attended,
  }: AttentionOptions & { attended?: LayerHooks["attended"] | undefined },
): Value {
  const [b, t, width] = x.shape as [Value["shape"][number], Value["shape"][number], number];
  const d = width / heads;
  const toHeads = (v: Value) => ops.transpose(ops.reshape(v, [b, t, heads, d]), [0, 2, 1, 3]); // [B, H, T, d]
  const parts = ops.split(linear(p, `${name}.qkv`, x, 3 * width), 2, [width, width, width]);
  const [q, k, v] = parts.map(toHeads);
  const [keys, values] = remember(rotate(k!), v!); // [B, H, S, d]
  const scores = ops.batchMatMul(rotate(q!), keys, { transB: true, alpha: 1 / Math.sqrt(d) }); // [B, H, T, S]
  const weights = ops.softmax(bias ? ops.add(scores, bias) : scores);
  const mixed = ops.reshape(ops.transpose(ops.batchMatMul(weights, values), [0, 2, 1, 3]), [b, t, width]);
  return attended ? ops.add(mixed, attended(parts[0]!)) : mixed;
}
