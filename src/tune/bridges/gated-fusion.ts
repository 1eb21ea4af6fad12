// The fusion of Multimodal-CoT (Zhang et al., arXiv 2302.00923): the text's states look at the picture by one attention head, and a
// gate decides, number by number, how much of what they saw takes the place of what they were.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";
import { attend, type LayerHooks, linear, norm } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { perPicture } from "./per-picture.ts";

export const gatedFusionSchema = z.strictObject({
  kind: z.literal("gated-fusion"),
  /** The decoder layer before which text and picture are fused, from 0. */
  layer: z.number().int().nonnegative().default(0),
});

/** What the gate starts from: sigmoid(-4) = 0.02, so that the model starts close to the language model it was. */
const gateStart = -4;
/** The gate's matrices start small, so that it is about as far open for every number. */
const gateGain = 0.1;

/**
 * (1 - g) * text + g * seen, with seen = attention(text, picture) and g = sigmoid(W text + V seen + b). The picture's cells are
 * [B, cells, D]. The paper has no b; its encoder is trained with the gate half open.
 */
export function gatedFusionLayers(
  p: ParameterSource,
  features: Value,
  { layer: at }: z.infer<typeof gatedFusionSchema>,
  { width, decoderLayers }: BridgeSizes,
): (layer: number) => LayerHooks | undefined {
  if (at >= decoderLayers) {
    throw new InputError({
      where: "model.bridge.layer",
      rule: `must be below the ${decoderLayers} layers of the decoder`,
      got: `${at}`,
    });
  }
  const cells = norm(p, "bridge.norm", features);
  const fuse = (text: Value) => {
    const seen = attend(p, "bridge.attention", text, cells, { heads: 1 });
    const bias = p.get({ name: "bridge.gate.bias", shape: [width], init: 0, optimizer: "adamw" });
    const asked = ops.add(
      linear(p, "bridge.gate.text", text, width, gateGain),
      linear(p, "bridge.gate.seen", seen, width, gateGain),
    );
    const gate = sigmoid(ops.add(ops.add(asked, bias), p.graph.scalar(gateStart)));
    return ops.add(text, ops.mul(gate, ops.sub(seen, text)));
  };
  return (layer) => (layer === at ? { before: (x) => perPicture(x, cells.shape[0]!, fuse) } : undefined);
}

/** 1 / (1 + exp(-x)), by the hyperbolic tangent of half of x. */
function sigmoid(x: Value): Value {
  return ops.add(ops.scale(ops.tanh(ops.scale(x, 0.5)), 0.5), x.graph.scalar(0.5));
}
