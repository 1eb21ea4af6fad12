// The eye: a picture becomes one vector per 16-pixel cell. A convolution stem (space-to-depth and 3x3 convolutions,
// written as matrix products) finds edges, shapes and parts; transformer layers let the cells look at each other.
// The bridge puts the vectors where words live: its output is compared with word embeddings (dense grounding) and read by
// the decoder as if it were words. (A feature-level bridge hands the vectors to the decoder's layers instead.)

import { ops, type Value } from "../onnx/index.ts";
import { bridgeLayers, buildBridge, type Instruction } from "./bridges/index.ts";
import { type LayerHooks, linear, norm, transformerLayer } from "./layers.ts";
import {
  bridgeOf,
  bridgeSizes,
  gridCells,
  gridSize,
  type ModelConfig,
  visualTokens,
} from "./model-config.ts";
import type { ParameterSource } from "./parameters.ts";
import { shiftPicture } from "./second-look.ts";
import { markThings } from "./thing-head.ts";

/** pixels [B, 3, S, S], normalised to -1..1, to visual tokens [B, tokens, width]. */
export function encodeImage(p: ParameterSource, pixels: Value, config: ModelConfig): Value {
  return toTokens(p, visionTower(p, pixels, config), config);
}

/** What the tower sees [B, cells, width] to visual tokens [B, tokens, width]; some bridges read the question with it. */
export function toTokens(
  p: ParameterSource,
  cells: Value,
  config: ModelConfig,
  instruction?: Instruction,
): Value {
  return buildBridge(p, cells, bridgeOf(config), { ...bridgeSizes(config), instruction });
}

/** The visual tokens of the second look at a picture, for models that look twice. */
export function secondLook(p: ParameterSource, pixels: Value, config: ModelConfig): Value | undefined {
  return config.thingMarks === "looks" ? encodeImage(p, shiftPicture(pixels, config), config) : undefined;
}

/** What the bridge does in the decoder's layers. `cells` [B, cells, width] are what the tower sees. */
export function bridgeInLayers(
  p: ParameterSource,
  config: ModelConfig,
  cells?: Value,
): ((layer: number) => LayerHooks | undefined) | undefined {
  return bridgeLayers(p, bridgeOf(config), bridgeSizes(config), cells);
}

/** Name of the vectors that tell the tower which cell is which, [cells, width]. */
export const positionsName = "vision.positions";

/** Name of the vectors that tell the decoder where visual tokens stand, [tokens, width]. */
export const placesName = "decoder.places";

/**
 * Visual tokens [B, tokens, width] as the decoder reads them. What a token shows is all that naming cells asks of it, so
 * where it stands need not be left in it; the decoder's rotary positions tell distances only. Likewise what the eye found.
 * `second` are the tokens of the second look, where the model has one.
 */
export function placeTokens(p: ParameterSource, seen: Value, config: ModelConfig, second?: Value): Value {
  const marked = config.thingMarks ? markThings(p, seen, config, second) : seen;
  if (!config.tokenPlaces) return marked;
  const shape = [visualTokens(config), config.width];
  return ops.add(marked, p.get({ name: placesName, shape, init: 0.02, optimizer: "adamw" }));
}

/** pixels [B, 3, S, S], normalised to -1..1, to one vector a cell [B, cells, width]. */
export function visionTower(p: ParameterSource, pixels: Value, config: ModelConfig): Value {
  const { visionLayers, width, heads, feedForward } = config;
  const [c1, c2] = config.stemWidths;
  const batch = pixels.shape[0]!;
  const image = ops.spaceToDepth(ops.transpose(pixels, [0, 2, 3, 1]), 4); // [B, S/4, S/4, 48]
  const fine = linear(p, "vision.stem.conv1", ops.neighbours3x3(image), c1);
  const merged = ops.spaceToDepth(ops.silu(norm(p, "vision.stem.norm1", fine)), 2); // [B, S/8, S/8, 4*c1]
  const coarse = linear(p, "vision.stem.merge1", merged, c2);
  const detail = ops.silu(norm(p, "vision.stem.norm2", coarse));
  const seen = ops.add(coarse, linear(p, "vision.stem.conv2", ops.neighbours3x3(detail), c2));
  let deep = seen;
  for (let i = 0; i < config.stemBlocks; i++) {
    const block = `vision.stem.blocks.${i}`;
    const active = ops.silu(norm(p, `${block}.norm`, deep));
    deep = ops.add(deep, linear(p, `${block}.conv`, ops.neighbours3x3(active), c2));
  }
  const cells = ops.spaceToDepth(norm(p, "vision.stem.norm3", deep), 2); // [B, S/16, S/16, 4*c2]
  const tokens = ops.reshape(linear(p, "vision.stem.merge2", cells, width), [
    batch,
    gridSize(config) ** 2,
    width,
  ]);
  const places = p.get({
    name: positionsName,
    shape: [gridCells(config), width],
    init: 0.3,
    optimizer: "adamw",
  });
  let x = ops.add(tokens, places);
  for (let i = 0; i < visionLayers; i++) {
    x = transformerLayer(p, `vision.layers.${i}`, x, { heads, feedForward, depth: visionLayers });
  }
  return x;
}
