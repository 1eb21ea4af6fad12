// The picture stays outside of the sequence, and the decoder's layers look at it: the gated cross-attention of Flamingo
// (arXiv 2204.14198). Both gates start at zero, so that the model starts as the language model it was.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";
import { attend, type LayerHooks, linear, norm } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { perPicture } from "./per-picture.ts";

export const crossAttentionSchema = z.strictObject({
  kind: z.literal("cross-attention"),
  /** Every so many-th decoder layer has a cross-attention layer before it. */
  every: z.number().int().positive().default(1),
  /** Hidden width of its feed-forward layer. */
  hidden: z.number().int().positive(),
});

/**
 * Before a decoder layer: h + tanh(a) * attention(text, picture), then h + tanh(b) * feedForward(h). Queries are the
 * text's hidden states, keys and values the cells [B, cells, D] of the text's own picture.
 */
export function crossAttentionLayers(
  p: ParameterSource,
  features: Value,
  { every, hidden }: z.infer<typeof crossAttentionSchema>,
  { width, heads, decoderLayers }: BridgeSizes,
): (layer: number) => LayerHooks | undefined {
  if (every > decoderLayers) {
    throw new InputError({
      where: "model.bridge.every",
      rule: `must be at most the ${decoderLayers} layers of the decoder`,
      got: `${every}`,
    });
  }
  const cells = norm(p, "bridge.norm", features);
  const gate = (name: string) => ops.tanh(p.get({ name, shape: [1], init: 0, optimizer: "adamw" }));
  return (layer) => {
    if ((layer + 1) % every !== 0) return undefined;
    const name = `bridge.layers.${layer}`;
    const look = (text: Value) =>
      attend(p, `${name}.attention`, norm(p, `${name}.attention_norm`, text), cells, { heads });
    return {
      before(x) {
        const looked = perPicture(x, cells.shape[0]!, look);
        const y = ops.add(x, ops.mul(looked, gate(`${name}.attention_gate`)));
        const active = ops.silu(
          linear(p, `${name}.feed_forward.up`, norm(p, `${name}.feed_forward_norm`, y), hidden),
        );
        const passed = linear(p, `${name}.feed_forward.down`, active, width);
        return ops.add(y, ops.mul(passed, gate(`${name}.feed_forward_gate`)));
      },
    };
  };
}
