// The bridge between a vision encoder and a language model: it turns the encoder's vectors, one a cell of the picture, into
// visual tokens that the decoder reads as if they were words. Each kind is a file; this one chooses.
import { z } from "zod";
import type { Value } from "../../onnx/index.ts";
import type { ParameterSource } from "../parameters.ts";
import { linearBridge, linearSchema } from "./linear.ts";
import { mlpBridge, mlpSchema } from "./mlp.ts";
import { resamplerBridge, resamplerSchema } from "./resampler.ts";

export const bridgeSchema = z.discriminatedUnion("kind", [linearSchema, mlpSchema, resamplerSchema]);

export type BridgeConfig = z.infer<typeof bridgeSchema>;

/** What every bridge is told. */
export interface BridgeSizes {
  /** Side of the square of cells that the encoder gives. */
  grid: number;
  /** Width of the decoder's embeddings. */
  width: number;
  heads: number;
}

/** Visual tokens that a bridge gives for a picture of grid x grid cells. */
export function bridgeTokens(config: BridgeConfig, grid: number): number {
  return config.kind === "resampler" ? config.queries : (grid / config.shuffle) ** 2;
}

/** Features [B, grid*grid, D] to visual tokens [B, tokens, width], normalised. */
export function buildBridge(p: ParameterSource, x: Value, config: BridgeConfig, sizes: BridgeSizes): Value {
  switch (config.kind) {
    case "linear":
      return linearBridge(p, x, config, sizes);
    case "mlp":
      return mlpBridge(p, x, config, sizes);
    case "resampler":
      return resamplerBridge(p, x, config, sizes);
  }
}
