// Learned prompts, with the picture added to them, that the attention of the topmost decoder layers also reads: LLaMA-Adapter
// (arXiv 2303.16199), with one visual query for each prompt as in its second version (arXiv 2304.15010). The softmax over the
// prompts stands by itself and is multiplied with a gate for each head that starts at zero, so that the model starts as the
// language model it was.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { type Dim, ops, type Value } from "../../onnx/index.ts";
import { type LayerHooks, matrix } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { perPicture } from "./per-picture.ts";
import { resamplerBridge } from "./resampler.ts";

export const llamaAdapterSchema = z.strictObject({
  kind: z.literal("llama-adapter"),
  /** Prompts of a layer. */
  prompts: z.number().int().positive(),
  /** Decoder layers with prompts, from the last one down. */
  layers: z.number().int().positive(),
  /** Layers of the resampler that makes the visual queries. */
  visualLayers: z.number().int().positive().default(1),
});

/**
 * Keys and values of the prompts come from the layer's own matrix, as that of its words do (without adapters of LoRA).
 * Prompts have no place in the text, so queries meet them without their rotation.
 */
export function llamaAdapterLayers(
  p: ParameterSource,
  features: Value,
  { prompts: count, layers, visualLayers }: z.infer<typeof llamaAdapterSchema>,
  sizes: BridgeSizes,
): (layer: number) => LayerHooks | undefined {
  const { width, heads, decoderLayers } = sizes;
  if (layers > decoderLayers) {
    throw new InputError({
      where: "model.bridge.layers",
      rule: `must be at most the ${decoderLayers} layers of the decoder`,
      got: `${layers}`,
    });
  }
  const visual = resamplerBridge(
    p,
    features,
    { kind: "resampler", queries: count, layers: visualLayers },
    sizes,
  ); // [B, prompts, D]
  const pictures = visual.shape[0]!;
  const d = width / heads;
  const toHeads = (v: Value) =>
    ops.transpose(ops.reshape(v, [pictures, v.shape[1] as Dim, heads, d]), [0, 2, 1, 3]); // [B, H, T, d]
  return (layer) => {
    if (layer < decoderLayers - layers) return undefined;
    const name = `bridge.prompts.${layer}`;
    return {
      attended(queries) {
        const learned = p.get({ name, shape: [count, width], init: 1, optimizer: "adamw" });
        const qkv = matrix(p, `decoder.layers.${layer}.attention.qkv`, width, 3 * width);
        const seen = ops.linear(ops.add(visual, learned), qkv);
        const [, k, v] = ops.split(seen, 2, [width, width, width]);
        const [keys, values] = [toHeads(k!), toHeads(v!)];
        const gate = p.get({ name: `${name}.gate`, shape: [heads, 1, 1], init: 0, optimizer: "adamw" });
        return perPicture(queries, pictures, (own) => {
          const scores = ops.batchMatMul(toHeads(own), keys, { transB: true, alpha: 1 / Math.sqrt(d) });
          const mixed = ops.mul(ops.batchMatMul(ops.softmax(scores), values), ops.tanh(gate));
          return ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), own.shape);
        });
      },
    };
  };
}
