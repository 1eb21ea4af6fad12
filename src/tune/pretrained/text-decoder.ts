// The decoders LlamaForCausalLM (Touvron et al. 2023, arXiv 2302.13971; also SmolLM2 and Vicuna) and Qwen2ForCausalLM
// (arXiv 2407.10671): pre-norm transformers with rotary positions, grouped queries and a gated feed-forward layer.
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
import { attend, project, type Rows, rmsNorm, throughLayers, toHeads, weight } from "./layers.ts";
import { type RopeConfig, ropeSchema, rotate } from "./rotary.ts";

export interface TextConfig {
  vocabulary: number;
  width: number;
  feedForward: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  epsilon: number;
  activation: ActivationName;
  rope: RopeConfig;
  /** The longest sequence in tokens. */
  context: number;
  /** The output head is the embedding matrix. */
  tied: boolean;
  /** Which linear layers have a bias. */
  biases: { queryKeyValue: boolean; output: boolean; feedForward: boolean };
}

/** What transformers assumes of a Llama whose configuration does not say; LLaVA-1.5's says little. */
const llamaDefaults = {
  model_type: "llama",
  vocab_size: 32000,
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  max_position_embeddings: 2048,
};

const schema = z.looseObject({
  model_type: z.enum(["llama", "qwen2"]),
  vocab_size: size(2 ** 24),
  hidden_size: size(2 ** 16),
  intermediate_size: size(2 ** 18),
  num_hidden_layers: size(1024),
  num_attention_heads: size(4096),
  num_key_value_heads: size(4096).optional(),
  head_dim: size(4096).optional(),
  max_position_embeddings: size(2 ** 24),
  hidden_act: activationSchema.default("silu"),
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.literal(false).optional(),
});

/** Sizes of a decoder from its part of config.json; `part` names it in errors. */
export function readTextConfig(value: unknown, where: string, part?: string): TextConfig {
  const fields = withoutNulls(value);
  const { model_type: type = "llama" } = fields;
  const c = parseConfig(schema, type === "llama" ? { ...llamaDefaults, ...fields } : fields, where, part);
  const heads = c.num_attention_heads;
  const keyValueHeads = c.num_key_value_heads ?? heads;
  const headSize = c.head_dim ?? c.hidden_size / heads;
  if (!Number.isInteger(headSize / 2) || heads % keyValueHeads !== 0) {
    throw new InputError({
      where,
      rule: "heads must be of even size and divide evenly among the key-value heads",
      got: `${heads} heads of size ${headSize}, ${keyValueHeads} key-value heads`,
    });
  }
  const qwen = c.model_type === "qwen2";
  return {
    vocabulary: c.vocab_size,
    width: c.hidden_size,
    feedForward: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads,
    keyValueHeads,
    headSize,
    epsilon: c.rms_norm_eps,
    activation: c.hidden_act,
    rope: readRope(fields, where),
    context: c.max_position_embeddings,
    tied: c.tie_word_embeddings,
    biases: {
      queryKeyValue: qwen || c.attention_bias,
      output: !qwen && c.attention_bias,
      feedForward: c.mlp_bias,
    },
  };
}

/** `rope_parameters` of transformers 5, or `rope_theta` and `rope_scaling` of earlier versions. */
function readRope(fields: Record<string, unknown>, where: string): RopeConfig {
  const stated = { ...withoutNulls(fields.rope_scaling), ...withoutNulls(fields.rope_parameters) };
  const { rope_theta = fields.rope_theta, rope_type = stated.type ?? "default" } = stated;
  const rope = { ...stated, rope_type, ...(rope_theta !== undefined && { rope_theta }) };
  return parseConfig(ropeSchema, rope, where, "rope_parameters");
}

/** The embedding matrix [vocabulary, width]. */
export function embeddings(p: ParameterSource, prefix: string, { vocabulary, width }: TextConfig): Value {
  return weight(p, `${prefix}embed_tokens.weight`, [vocabulary, width]);
}

export interface DecodeOptions extends Rows {
  /** Rotary tables [1, 1, T, d]. */
  cosines: Value;
  sines: Value;
  /** [1, 1, T, S]: 0 where a token may look, a large negative number where not. */
  bias: Value;
  /** Joins keys and values [B, G, T, d] of one layer with those of earlier calls. */
  remember?: (layer: number, key: Value, value: Value) => [Value, Value];
}

/** Rows of embeddings [B * T, width] to rows of normalised hidden states. `prefix` begins the weights' names. */
export function decodeText(
  p: ParameterSource,
  prefix: string,
  x: Value,
  config: TextConfig,
  { cosines, sines, bias, remember = (_, k, v) => [k, v], ...rows }: DecodeOptions,
): Value {
  const { heads, keyValueHeads, headSize, width, epsilon, biases } = config;
  const act = activations[config.activation];
  const computeLayer = (h: Value, i: number): Value => {
    const layer = `${prefix}layers.${i}`;
    const seen = rmsNorm(p, `${layer}.input_layernorm`, h, epsilon);
    const split = (name: string, count: number) =>
      toHeads(
        project(p, `${layer}.self_attn.${name}`, seen, count * headSize, biases.queryKeyValue),
        rows,
        count,
      );
    const query = rotate(split("q_proj", heads), cosines, sines);
    const key = rotate(split("k_proj", keyValueHeads), cosines, sines);
    const [keys, values] = remember(i, key, split("v_proj", keyValueHeads));
    const attended = attend(query, keys, values, bias);
    const mixed = ops.add(h, project(p, `${layer}.self_attn.o_proj`, attended, width, biases.output));
    const read = rmsNorm(p, `${layer}.post_attention_layernorm`, mixed, epsilon);
    const wide = (name: string) =>
      project(p, `${layer}.mlp.${name}`, read, config.feedForward, biases.feedForward);
    const gated = ops.mul(act(wide("gate_proj")), wide("up_proj"));
    return ops.add(mixed, project(p, `${layer}.mlp.down_proj`, gated, width, biases.feedForward));
  };
  const h = throughLayers(p, x, config.layers, computeLayer);
  return rmsNorm(p, `${prefix}norm`, h, epsilon);
}

/** Rows of hidden states [N, width] to logits [N, vocabulary]. */
export function textHead(p: ParameterSource, prefix: string, hidden: Value, config: TextConfig): Value {
  if (!config.tied) return project(p, "lm_head", hidden, config.vocabulary, false);
  return ops.gemm(hidden, embeddings(p, prefix, config), { transB: true });
}
