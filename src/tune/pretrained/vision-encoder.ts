// The towers CLIPVisionModel (Radford et al. 2021, arXiv 2103.00020) and SiglipVisionModel (Zhai et al. 2023, arXiv
// 2303.15343; also the eye of Idefics3 and SmolVLM): vision transformers on square pictures. CLIP has a class token, no bias
// on its patches and a norm in front of its layers; SigLIP has a bias on its patches and a norm behind its layers.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";
import type { ParameterSource } from "../parameters.ts";
import {
  type ActivationName,
  activationSchema,
  activations,
  parseConfig,
  size,
  withoutNulls,
} from "./config-fields.ts";
import { attend, layerNorm, project, throughLayers, toHeads, weight } from "./layers.ts";

export interface VisionConfig {
  kind: "clip" | "siglip";
  imageSize: number;
  patchSize: number;
  channels: number;
  width: number;
  feedForward: number;
  layers: number;
  heads: number;
  epsilon: number;
  activation: ActivationName;
}

const schema = z.looseObject({
  image_size: size(2 ** 14),
  patch_size: size(2 ** 10),
  num_channels: size(64),
  hidden_size: size(2 ** 16),
  intermediate_size: size(2 ** 18),
  num_hidden_layers: size(1024),
  num_attention_heads: size(4096),
  layer_norm_eps: z.number().positive(),
  hidden_act: activationSchema,
});

const shared = { num_channels: 3, image_size: 224, num_hidden_layers: 12, intermediate_size: 3072 };
const siglip = { ...shared, hidden_act: "gelu_pytorch_tanh", layer_norm_eps: 1e-6 };

/** What transformers assumes of a tower whose configuration does not say. */
const defaults = {
  clip: {
    ...shared,
    hidden_size: 768,
    num_attention_heads: 12,
    patch_size: 32,
    hidden_act: "quick_gelu",
    layer_norm_eps: 1e-5,
  },
  siglip: { ...siglip, hidden_size: 768, num_attention_heads: 12, patch_size: 16 },
  idefics3: { ...siglip, hidden_size: 1152, num_attention_heads: 16, patch_size: 32 },
};

/** Sizes of a tower from its part of config.json; `part` names it in errors. */
export function readVisionConfig(
  value: unknown,
  family: keyof typeof defaults,
  where: string,
  part?: string,
): VisionConfig {
  const c = parseConfig(schema, { ...defaults[family], ...withoutNulls(value) }, where, part);
  if (c.image_size % c.patch_size !== 0 || c.hidden_size % c.num_attention_heads !== 0) {
    throw new InputError({
      where,
      rule: "pictures must divide into whole patches, and the width into whole heads",
      got: `${c.image_size} / ${c.patch_size} pixels, ${c.hidden_size} / ${c.num_attention_heads}`,
    });
  }
  return {
    kind: family === "clip" ? "clip" : "siglip",
    imageSize: c.image_size,
    patchSize: c.patch_size,
    channels: c.num_channels,
    width: c.hidden_size,
    feedForward: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    epsilon: c.layer_norm_eps,
    activation: c.hidden_act,
  };
}

/** Patches of one picture. */
export function patchCount({ imageSize, patchSize }: VisionConfig): number {
  return (imageSize / patchSize) ** 2;
}

/** Vectors that the tower makes of one picture: its patches, and CLIP's class token in front of them. */
export function towerTokens(config: VisionConfig): number {
  return patchCount(config) + (config.kind === "clip" ? 1 : 0);
}

/**
 * Pixels [B, C, S, S] to hidden states [B, tokens, width] behind the first `depth` layers. Behind the last one, SigLIP's are
 * normalised as transformers' last_hidden_state is. CLIP's never are: its last norm is for the pooled vector, which nothing
 * here reads.
 */
export function encodePixels(
  p: ParameterSource,
  prefix: string,
  pixels: Value,
  config: VisionConfig,
  depth = config.layers,
): Value {
  const { kind, patchSize, channels, width, heads, epsilon } = config;
  const act = activations[config.activation];
  const rows = { batch: pixels.shape[0]!, length: towerTokens(config) };
  const inputs = channels * patchSize ** 2;
  const embedding = `${prefix}embeddings`;
  const kernel = weight(p, `${embedding}.patch_embedding.weight`, [width, channels, patchSize, patchSize]);
  const squares = ops.patches(pixels, patchSize); // [B, N, C*p*p]
  const flat = ops.gemm(ops.flattenRows(squares), ops.reshape(kernel, [width, inputs]), { transB: true });
  const seen =
    kind === "clip" ? flat : ops.add(flat, weight(p, `${embedding}.patch_embedding.bias`, [width]));
  const patches = ops.reshape(seen, [rows.batch, patchCount(config), width]);
  const places = weight(p, `${embedding}.position_embedding.weight`, [rows.length, width]);
  let x = ops.flattenRows(
    kind === "clip" ? withClassToken(p, embedding, patches, places) : ops.add(patches, places),
  );
  if (kind === "clip") x = layerNorm(p, `${prefix}pre_layrnorm`, x, epsilon);
  x = throughLayers(p, x, depth, (h, i) => {
    const layer = `${prefix}encoder.layers.${i}`;
    const read = layerNorm(p, `${layer}.layer_norm1`, h, epsilon);
    const [q, k, v] = ["q", "k", "v"].map((name) =>
      toHeads(project(p, `${layer}.self_attn.${name}_proj`, read, width, true), rows, heads),
    );
    const mixed = ops.add(h, project(p, `${layer}.self_attn.out_proj`, attend(q!, k!, v!), width, true));
    const wide = project(
      p,
      `${layer}.mlp.fc1`,
      layerNorm(p, `${layer}.layer_norm2`, mixed, epsilon),
      config.feedForward,
      true,
    );
    return ops.add(mixed, project(p, `${layer}.mlp.fc2`, act(wide), width, true));
  });
  if (kind === "siglip" && depth === config.layers) x = layerNorm(p, `${prefix}post_layernorm`, x, epsilon);
  return ops.reshape(x, [rows.batch, rows.length, width]);
}

/** Puts CLIP's class token in front of the patches and adds the places of all: an empty row is padded in and added to. */
function withClassToken(p: ParameterSource, embedding: string, patches: Value, places: Value): Value {
  const [, count, width] = patches.shape as [unknown, number, number];
  const token = ops.reshape(weight(p, `${embedding}.class_embedding`, [width]), [1, width]);
  return ops.add(ops.pad(patches, 1, 1, 0), ops.add(places, ops.pad(token, 0, 0, count)));
}
