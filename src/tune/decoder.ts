// The language model: a pre-norm transformer with rotary positions (Su et al. 2021). One matrix serves as input
// embedding, output head and cell classifier; embeddings have standard deviation 1/sqrt(width) and are multiplied by
// sqrt(width) on the way in, so that words and visual tokens have the same size.

import { ops, type Value } from "../onnx/index.ts";
import { type LayerHooks, norm, transformerLayer } from "./layers.ts";
import { headSize, type ModelConfig } from "./model-config.ts";
import type { ParameterSource } from "./parameters.ts";

/** The embedding matrix [vocabulary, width]. */
export function embeddingMatrix(p: ParameterSource, { vocabulary, width }: ModelConfig): Value {
  return p.get({
    name: "embedding",
    shape: [vocabulary, width],
    init: 1 / Math.sqrt(width),
    optimizer: "adamw",
  });
}

/** Token ids [B, T] to vectors [B, T, width]. */
export function embedTokens(p: ParameterSource, ids: Value, config: ModelConfig): Value {
  return ops.scale(ops.gatherRows(embeddingMatrix(p, config), ids), Math.sqrt(config.width));
}

export interface DecodeOptions {
  /** int64 [B, T], counted from 0. */
  positions: Value;
  /** [B, 1, T, S]: 0 where a token may look, a large negative number where not. */
  bias: Value;
  /** Joins keys and values of one layer with those of earlier calls. */
  remember?: (layer: number, key: Value, value: Value) => [Value, Value];
  /** Is shown what each layer gives, [B, T, width]; layers count from 1. */
  watch?: ((layer: number, hidden: Value) => void) | undefined;
  /** What a bridge does in each layer. */
  bridge?: ((layer: number) => LayerHooks | undefined) | undefined;
}

/** Vectors [B, T, width] to normalised hidden states [B, T, width]. */
export function decode(
  p: ParameterSource,
  x: Value,
  config: ModelConfig,
  { positions, bias, remember, bridge, watch }: DecodeOptions,
): Value {
  const { heads, feedForward, decoderLayers: depth } = config;
  const rotate = rotary(positions, config);
  let h = x;
  for (let i = 0; i < depth; i++) {
    h = transformerLayer(p, `decoder.layers.${i}`, h, {
      heads,
      feedForward,
      depth,
      bias,
      rotate,
      hooks: bridge?.(i),
      ...(remember && { remember: (k: Value, v: Value) => remember(i, k, v) }),
    });
    watch?.(i + 1, h);
  }
  return norm(p, "decoder.norm", h);
}

/** Hidden states [..., width] to logits [..., vocabulary]. */
export function head(p: ParameterSource, hidden: Value, config: ModelConfig): Value {
  const matrix = embeddingMatrix(p, config);
  if (hidden.shape.length === 2) return ops.gemm(hidden, matrix, { transB: true });
  return ops.batchMatMul(hidden, matrix, { transB: true });
}

/**
 * Rotary positions: the pair (x_j, x_{j+d/2}) turns by the angle position / base^(2j/d). Written as
 * x * cos + (x R) * sin, where R swaps the halves and negates the second.
 */
function rotary(positions: Value, config: ModelConfig): (x: Value) => Value {
  const graph = positions.graph;
  const d = headSize(config);
  const half = d / 2;
  const cos = new Float32Array(config.context * d);
  const sin = new Float32Array(config.context * d);
  for (let t = 0; t < config.context; t++) {
    for (let j = 0; j < d; j++) {
      const angle = t / config.ropeBase ** ((2 * (j % half)) / d);
      cos[t * d + j] = Math.cos(angle);
      sin[t * d + j] = Math.sin(angle);
    }
  }
  const swap = new Float32Array(d * d);
  for (let j = 0; j < half; j++) {
    swap[(j + half) * d + j] = -1;
    swap[j * d + j + half] = 1;
  }
  const [b, t] = positions.shape as [Value["shape"][number], Value["shape"][number]];
  const rows = (table: Float32Array) =>
    ops.reshape(ops.gatherRows(graph.constant(table, [config.context, d]), positions), [b, 1, t, d]);
  const cosines = rows(cos); // [B, 1, T, d]
  const sines = rows(sin);
  const swapHalves = graph.constant(swap, [d, d]);
  return (x) => ops.add(ops.mul(x, cosines), ops.mul(ops.batchMatMul(x, swapHalves), sines));
}
