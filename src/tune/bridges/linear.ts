import { z } from "zod";
import type { Value } from "../../onnx/index.ts";
import { linear, norm } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { pixelShuffle, shuffleField } from "./pixel-shuffle.ts";

export const linearSchema = z.strictObject({ kind: z.literal("linear"), shuffle: shuffleField });

/** One matrix from features to embeddings, as in LLaVA (arXiv 2304.08485). */
export function linearBridge(
  p: ParameterSource,
  x: Value,
  { shuffle }: z.infer<typeof linearSchema>,
  { grid, width }: BridgeSizes,
): Value {
  const cells = pixelShuffle(norm(p, "bridge.norm", x), grid, shuffle);
  return norm(p, "bridge.output_norm", linear(p, "bridge.projection", cells, width));
}
