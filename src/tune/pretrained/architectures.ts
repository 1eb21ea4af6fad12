// The architectures that can be read, each as a blueprint: sizes from config.json, the weights' names, and how pictures become
// rows of embeddings. Weights bear the names of the modules of transformers 5, so that adapters of PEFT fit; the names that
// older versions wrote, and that most published files have, are changed to these.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";
import { nearest } from "../../util/text.ts";
import type { ParameterSource } from "../parameters.ts";
import { activationSchema, activations, parseConfig, size, withoutNulls } from "./config-fields.ts";
import { project } from "./layers.ts";
import { readTextConfig, type TextConfig } from "./text-decoder.ts";
import {
  encodePixels,
  patchCount,
  readVisionConfig,
  towerTokens,
  type VisionConfig,
} from "./vision-encoder.ts";

/** The words' side of a model. */
export interface TextPart {
  config: TextConfig;
  /** What the decoder's weights begin with. */
  prefix: string;
}

/** The pictures' side of a model. */
export interface ImagePart {
  channels: number;
  /** Side of the square picture in pixels. */
  side: number;
  /** Vectors that stand for one picture, and their width. */
  tokens: number;
  width: number;
  /** The token that stands for a vector in a prompt; a tower by itself has none. */
  token?: number;
  /** Pixels [pictures, channels, side, side] to rows [pictures * tokens, width]. */
  see(p: ParameterSource, pixels: Value): Value;
}

/** How a model is built: a decoder, a tower, or both. */
export interface Blueprint {
  text?: TextPart;
  image?: ImagePart;
}

interface Architecture {
  modelType: string;
  read(config: Record<string, unknown>, where: string): Blueprint;
  /** Replaces what begins the names of older files. */
  renames?: [from: RegExp, to: string][];
  /** Weights that a file may have and no graph needs. */
  unused?: RegExp;
}

const visionModel: Pick<Architecture, "renames"> = { renames: [[/^vision_model\./, ""]] };

const architectures: Record<string, Architecture> = {
  LlamaForCausalLM: { modelType: "llama", read: readDecoder },
  Qwen2ForCausalLM: { modelType: "qwen2", read: readDecoder },
  CLIPVisionModel: {
    modelType: "clip_vision_model",
    read: (config, where) => readTower(config, "clip", where),
    unused: /^post_layernorm\./,
    ...visionModel,
  },
  SiglipVisionModel: {
    modelType: "siglip_vision_model",
    read: (config, where) => readTower(config, "siglip", where),
    unused: /^head\./,
    ...visionModel,
  },
  LlavaForConditionalGeneration: {
    modelType: "llava",
    read: readLlava,
    renames: [
      [/^language_model\.model\./, "model.language_model."],
      [/^language_model\.lm_head\./, "lm_head."],
      [/^(multi_modal_projector|vision_tower)\./, "model.$1."],
      [/^model\.vision_tower\.vision_model\./, "model.vision_tower."],
    ],
    // Layers behind the one whose features are read.
    unused: /^model\.vision_tower\.(post_layernorm|encoder\.layers\.\d+)\./,
  },
  Idefics3ForConditionalGeneration: { modelType: "idefics3", read: readIdefics3 },
  SmolVLMForConditionalGeneration: { modelType: "smolvlm", read: readIdefics3 },
};

/** The name of the architecture that a configuration states, and what it says how to build. */
export function readBlueprint(value: unknown, where: string): { architecture: string; blueprint: Blueprint } {
  const config = withoutNulls(value);
  const named = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
  const ofType = Object.keys(architectures).find(
    (name) => architectures[name]!.modelType === config.model_type,
  );
  const name = named ?? ofType ?? config.model_type;
  const known = Object.keys(architectures);
  if (typeof name === "string" && Object.hasOwn(architectures, name))
    return { architecture: name, blueprint: architectures[name]!.read(config, where) };
  const near = typeof name === "string" ? nearest(name, known) : undefined;
  throw new InputError({
    where,
    rule: `the architecture must be one of ${known.join(", ")}`,
    got: JSON.stringify(name) ?? "no architectures and no model_type",
    hint: near ? `Did you mean ${near}?` : undefined,
  });
}

/** A weight's name in a graph from its name in a file. */
export function weightName(architecture: string, stored: string): string {
  return (architectures[architecture]!.renames ?? []).reduce(
    (name, [from, to]) => name.replace(from, to),
    stored,
  );
}

/** True for weights that need not be read: buffers that are computed, and parts that nothing looks at. */
export function isUnused(architecture: string, name: string): boolean {
  return (
    /\.(rotary_emb\.inv_freq|position_ids)$/.test(name) || !!architectures[architecture]!.unused?.test(name)
  );
}

function readDecoder(config: Record<string, unknown>, where: string): Blueprint {
  return { text: { config: readTextConfig(config, where), prefix: "model." } };
}

function readTower(config: Record<string, unknown>, family: "clip" | "siglip", where: string): Blueprint {
  const tower = readVisionConfig(config, family, where);
  const see = (p: ParameterSource, pixels: Value) => ops.flattenRows(encodePixels(p, "", pixels, tower));
  return { image: { ...pictureSize(tower), tokens: towerTokens(tower), width: tower.width, see } };
}

function pictureSize({ channels, imageSize }: VisionConfig): { channels: number; side: number } {
  return { channels, side: imageSize };
}

const tokenId = z.number().int().nonnegative();

const llavaSchema = z.looseObject({
  vision_config: z.looseObject({ model_type: z.literal("clip_vision_model").default("clip_vision_model") }),
  image_token_index: tokenId.optional(),
  image_token_id: tokenId.optional(),
  projector_hidden_act: activationSchema.default("gelu"),
  vision_feature_layer: z.number().int().default(-2),
  vision_feature_select_strategy: z.enum(["default", "full"]).default("default"),
  multimodal_projector_bias: z.boolean().default(true),
  tie_word_embeddings: z.boolean().default(false),
});

/** LLaVA (Liu et al. 2023, arXiv 2310.03744): features of an inner CLIP layer, an MLP of two layers, a decoder. */
function readLlava(config: Record<string, unknown>, where: string): Blueprint {
  const c = parseConfig(llavaSchema, config, where);
  const tower = readVisionConfig(c.vision_config, "clip", where, "vision_config");
  const text = readVisionText(config, where, c.tie_word_embeddings);
  // Hidden states are counted from the embeddings (0) to the last layer, or back from it.
  const layer = c.vision_feature_layer;
  const depth = layer < 0 ? tower.layers + 1 + layer : layer;
  if (depth < 0 || depth > tower.layers) {
    const rule = `vision_feature_layer must name one of ${tower.layers} layers`;
    throw new InputError({ where, rule, got: `${layer}` });
  }
  const withClass = c.vision_feature_select_strategy === "full";
  const count = patchCount(tower);
  const name = "model.multi_modal_projector";
  const see = (p: ParameterSource, pixels: Value) => {
    const hidden = encodePixels(p, "model.vision_tower.", pixels, tower, depth);
    const features = ops.flattenRows(withClass ? hidden : ops.slice(hidden, 1, 1, count + 1));
    const { width } = text;
    const wide = project(p, `${name}.linear_1`, features, width, c.multimodal_projector_bias);
    const act = activations[c.projector_hidden_act];
    return project(p, `${name}.linear_2`, act(wide), width, c.multimodal_projector_bias);
  };
  return {
    text: { config: text, prefix: "model.language_model." },
    image: {
      ...pictureSize(tower),
      tokens: count + (withClass ? 1 : 0),
      width: text.width,
      token: c.image_token_index ?? c.image_token_id ?? 32000,
      see,
    },
  };
}

const idefics3Schema = z.looseObject({
  image_token_id: tokenId.default(128257),
  scale_factor: size(64).default(2),
  tie_word_embeddings: z.boolean().default(false),
});

/**
 * Idefics3 (Laurençon et al. 2024, arXiv 2408.12637) and SmolVLM (arXiv 2504.05299): SigLIP on pictures without padding,
 * squares of patches joined to one vector, one matrix, a decoder. transformers finds the place of a patch by comparing rounded
 * fractions, which for some grids (25 x 25) gives a neighbour's place, differing by the machine; here every patch has its own.
 * The two agree for the grids of published checkpoints (26, 27 and 32 patches a side).
 */
function readIdefics3(config: Record<string, unknown>, where: string): Blueprint {
  const c = parseConfig(idefics3Schema, config, where);
  const tower = readVisionConfig(config.vision_config, "idefics3", where, "vision_config");
  const text = readVisionText(config, where, c.tie_word_embeddings);
  const joined = c.scale_factor;
  const grid = tower.imageSize / tower.patchSize;
  if (grid % joined !== 0) {
    throw new InputError({
      where,
      rule: `scale_factor must divide the ${grid} patches of a row`,
      got: `${joined}`,
    });
  }
  const see = (p: ParameterSource, pixels: Value) => {
    const hidden = encodePixels(p, "model.vision_model.", pixels, tower);
    const cells = ops.reshape(hidden, [pixels.shape[0]!, grid, grid, tower.width]);
    const squares = ops.flattenRows(ops.spaceToDepth(cells, joined));
    return project(p, "model.connector.modality_projection.proj", squares, text.width, false);
  };
  return {
    text: { config: text, prefix: "model.text_model." },
    image: {
      ...pictureSize(tower),
      tokens: (grid / joined) ** 2,
      width: text.width,
      token: c.image_token_id,
      see,
    },
  };
}

/** The decoder of a model with eyes; that its head is tied may be said outside of its own part. */
function readVisionText(config: Record<string, unknown>, where: string, tied: boolean): TextConfig {
  const text = readTextConfig(config.text_config, where, "text_config");
  return { ...text, tied: text.tied || tied };
}
