import { z } from "zod";
import { ops, type Value } from "../../onnx/index.ts";
import { linear, norm } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { pixelShuffle, shuffleField } from "./pixel-shuffle.ts";

export const mlpSchema = z.strictObject({
  kind: z.literal("mlp"),
  shuffle: shuffleField,
  /** Width of the hidden layers. */
  hidden: z.number().int().positive(),
  /** Matrices, hidden and last. */
  layers: z.number().int().min(2).max(8).default(2),
});

/** An MLP from features to embeddings, with two layers as in LLaVA-1.5 (arXiv 2310.03744). */
export function mlpBridge(
  p: ParameterSource,
  x: Value,
  { shuffle, hidden, layers }: z.infer<typeof mlpSchema>,
  { grid, width }: BridgeSizes,
): Value {
  let y = pixelShuffle(norm(p, "bridge.norm", x), grid, shuffle);
  y = ops.silu(linear(p, "bridge.up", y, hidden));
  for (let i = 0; i < layers - 2; i++) y = ops.silu(linear(p, `bridge.hidden.${i}`, y, hidden));
  return norm(p, "bridge.output_norm", linear(p, "bridge.down", y, width));
}
