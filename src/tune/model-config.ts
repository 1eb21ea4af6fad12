import { z } from "zod";
import { InputError } from "../errors/index.ts";
import {
  type BridgeConfig,
  type BridgeSizes,
  bridgeSchema,
  bridgeTokens,
  isFeatureLevel,
  readsInstruction,
} from "./bridges/index.ts";

const size = z.number().int().positive();

/** Sizes of a model of the LLaVA kind: vision tower, bridge, decoder. */
export const modelConfigSchema = z.strictObject({
  /** Side of the square input picture in pixels; a multiple of 16. */
  imageSize: size.multipleOf(16),
  /** Channels of the two convolution stages of the stem, at 1/4 and 1/8 of the picture's side. */
  stemWidths: z.tuple([size, size]),
  /** Residual 3x3 convolutions at 1/8 of the picture's side, behind the stem's own. */
  stemBlocks: z.number().int().nonnegative().default(0),
  /** Transformer layers of the vision tower, on the 16-pixel cells. */
  visionLayers: size,
  /** Width of the vision tower, the bridge's output and the decoder. */
  width: size,
  /** Attention heads, in the tower and in the decoder. */
  heads: size,
  /** Hidden width of the feed-forward layers. */
  feedForward: size,
  /** Hidden width of the bridge's MLP, when `bridge` says nothing else. */
  bridgeWidth: size,
  /** The bridge from the tower to the decoder. Default: an MLP of two layers, one token a cell. */
  bridge: bridgeSchema.optional(),
  /** A learned vector for each visual token says to the decoder where in the picture it stands. */
  tokenPlaces: z.boolean().optional(),
  /**
   * What the eye finds (the middle of a thing, and where it ends) is written into the visual tokens for the decoder; with
   * `leaders` also which of the cells that found the same thing speaks for it; with `looks` two looks find that together.
   */
  thingMarks: z
    .union([z.boolean(), z.enum(["leaders", "looks"])], {
      error: 'must be true, false, "leaders" or "looks"',
    })
    .optional(),
  decoderLayers: size,
  /** Number of tokens, special ones included. */
  vocabulary: size,
  /** Prompt and answer together, in tokens: the length of the rotary table. */
  context: size,
  ropeBase: z.number().positive().default(10000),
});

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** Width of one attention head. */
export function headSize({ width, heads }: ModelConfig): number {
  if (width % heads !== 0 || (width / heads) % 2 !== 0) {
    throw new InputError({
      where: "model.heads",
      rule: "width divided by heads must be an even whole number",
      got: `${width} / ${heads}`,
    });
  }
  return width / heads;
}

/** Side of the picture in 16-pixel cells; each cell becomes one visual token. */
export function gridSize(config: ModelConfig): number {
  return config.imageSize / 16;
}

/** Cells of one picture. */
export function gridCells(config: ModelConfig): number {
  return gridSize(config) ** 2;
}

/** The model's bridge. */
export function bridgeOf({ bridge, bridgeWidth }: ModelConfig): BridgeConfig {
  return bridge ?? { kind: "mlp", shuffle: 1, hidden: bridgeWidth, layers: 2 };
}

/** True when every visual token stands for one cell, so that it can be taught to name what the cell shows. */
export function tokensAreCells(config: ModelConfig): boolean {
  const bridge = bridgeOf(config);
  return "shuffle" in bridge && bridge.shuffle === 1;
}

/** True when the sequence holds visual tokens; refuses what is said of visual tokens where there are none. */
export function hasVisualTokens(config: ModelConfig): boolean {
  const bridge = bridgeOf(config);
  const { thingMarks } = config;
  if (typeof thingMarks === "string" && !tokensAreCells(config))
    throw new InputError({
      where: "model.thingMarks",
      rule: `"${thingMarks}" needs one token a cell (linear, mlp or lavin, shuffle 1)`,
      got: `"${bridge.kind}"`,
    });
  if (!isFeatureLevel(bridge)) return true;
  for (const name of ["tokenPlaces", "thingMarks"] as const) {
    if (!config[name]) continue;
    throw new InputError({
      where: `model.${name}`,
      rule: "needs a bridge that puts visual tokens into the sequence",
      got: `"${bridge.kind}"`,
    });
  }
  return false;
}

/** True when the question decides what the picture's tokens are: there is one question a picture, and no export. */
export function seesByInstruction(config: ModelConfig): boolean {
  return readsInstruction(bridgeOf(config));
}

/** True when the LLaVA layout has a place for the model: pictures become tokens of the sequence before anything is asked. */
export function isExportable(config: ModelConfig): boolean {
  return hasVisualTokens(config) && !seesByInstruction(config);
}

/** Sizes that the model's bridge is told. */
export function bridgeSizes(config: ModelConfig): BridgeSizes {
  const { width, heads, decoderLayers } = config;
  return { grid: gridSize(config), width, heads, decoderLayers };
}

/** Visual tokens of one picture. */
export function visualTokens(config: ModelConfig): number {
  return bridgeTokens(bridgeOf(config), gridSize(config));
}
