// The bridge between a vision encoder and a language model. Most kinds turn the encoder's vectors, one a cell of the picture,
// into visual tokens that the decoder reads as if they were words; others leave the sequence alone and let the decoder's
// layers look at the picture; one does both. Each kind is a file; this one chooses.
import { z } from "zod";
import { InternalError } from "../../errors/index.ts";
import type { Value } from "../../onnx/index.ts";
import type { LayerHooks } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import { crossAttentionLayers, crossAttentionSchema } from "./cross-attention.ts";
import { gatedFusionLayers, gatedFusionSchema } from "./gated-fusion.ts";
import { lavinLayers, lavinSchema } from "./lavin.ts";
import { linearBridge, linearSchema } from "./linear.ts";
import { llamaAdapterLayers, llamaAdapterSchema } from "./llama-adapter.ts";
import { mlpBridge, mlpSchema } from "./mlp.ts";
import { type Instruction, resamplerBridge, resamplerSchema } from "./resampler.ts";

export const bridgeSchema = z.discriminatedUnion("kind", [
  linearSchema,
  mlpSchema,
  resamplerSchema,
  crossAttentionSchema,
  gatedFusionSchema,
  llamaAdapterSchema,
  lavinSchema,
]);

export type { Instruction } from "./resampler.ts";
export type BridgeConfig = z.infer<typeof bridgeSchema>;

/** What every bridge is told. */
export interface BridgeSizes {
  /** Side of the square of cells that the encoder gives. */
  grid: number;
  /** Width of the decoder's embeddings. */
  width: number;
  heads: number;
  /** Layers of the decoder. */
  decoderLayers: number;
}

/** True when pictures reach the decoder through its layers alone, and the sequence holds no visual tokens. */
export function isFeatureLevel({ kind }: BridgeConfig): boolean {
  return kind === "cross-attention" || kind === "gated-fusion" || kind === "llama-adapter";
}

/** True when the question decides what the picture's tokens are. */
export function readsInstruction(config: BridgeConfig): boolean {
  return config.kind === "resampler" && config.instruction === true;
}

/** Visual tokens that a bridge gives for a picture of grid x grid cells. */
export function bridgeTokens(config: BridgeConfig, grid: number): number {
  if (isFeatureLevel(config)) return 0;
  if (config.kind === "resampler") return config.queries;
  return "shuffle" in config ? (grid / config.shuffle) ** 2 : 0;
}

/** Features [B, grid*grid, D] to visual tokens [B, tokens, width], normalised; not for feature-level bridges. */
export function buildBridge(
  p: ParameterSource,
  x: Value,
  config: BridgeConfig,
  { instruction, ...sizes }: BridgeSizes & { instruction?: Instruction | undefined },
): Value {
  switch (config.kind) {
    case "linear":
      return linearBridge(p, x, config, sizes);
    case "lavin":
      return linearBridge(p, x, { kind: "linear", shuffle: config.shuffle }, sizes);
    case "mlp":
      return mlpBridge(p, x, config, sizes);
    case "resampler":
      return resamplerBridge(p, x, config, { ...sizes, instruction });
    case "cross-attention":
    case "gated-fusion":
    case "llama-adapter":
      throw new InternalError({
        where: "tune.bridge",
        rule: "must put visual tokens into the sequence",
        got: `"${config.kind}"`,
      });
  }
}

/**
 * What a bridge does in each decoder layer, by the layer's number; undefined where it does nothing in any. `features`
 * [B, grid*grid, D] are for feature-level bridges.
 */
export function bridgeLayers(
  p: ParameterSource,
  config: BridgeConfig,
  sizes: BridgeSizes,
  features?: Value,
): ((layer: number) => LayerHooks | undefined) | undefined {
  switch (config.kind) {
    case "cross-attention":
      return crossAttentionLayers(p, features!, config, sizes);
    case "gated-fusion":
      return gatedFusionLayers(p, features!, config, sizes);
    case "llama-adapter":
      return llamaAdapterLayers(p, features!, config, sizes);
    case "lavin":
      return lavinLayers(p, config, sizes);
    default:
      return undefined;
  }
}
