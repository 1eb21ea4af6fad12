// Visual tokens by one matrix, and in every decoder layer a mixture-of-modality adapter: LaVIN (arXiv 2305.15023). One matrix
// leads down, two lead up, and a router mixes the two by a modality token. Both ways up start at zero, so that the model
// starts as one with the linear bridge.
import { z } from "zod";
import { ops } from "../../onnx/index.ts";
import { type LayerHooks, linear } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";
import { shuffleField } from "./pixel-shuffle.ts";

export const lavinSchema = z.strictObject({
  kind: z.literal("lavin"),
  shuffle: shuffleField,
  /** Width that the adapters lead down to. */
  rank: z.number().int().positive().default(8),
  /** The router's logits are divided by it. */
  temperature: z.number().positive().default(10),
});

/**
 * What the attention reads, x [B, T, D], becomes x + (w0 U0 + w1 U1) D x with w = softmax(m W / temperature). Every lesson
 * has a picture, so there is one modality token m, for text with a picture.
 */
export function lavinLayers(
  p: ParameterSource,
  { rank, temperature }: z.infer<typeof lavinSchema>,
  { width }: BridgeSizes,
): (layer: number) => LayerHooks {
  return (layer) => {
    const name = `bridge.adapters.${layer}`;
    return {
      attentionInput(x) {
        const modality = p.get({ name: "bridge.modality", shape: [1, width], init: 1, optimizer: "adamw" });
        const router = p.get({
          name: `${name}.router`,
          shape: [width, 2],
          init: 1 / Math.sqrt(width),
          optimizer: "adamw",
        });
        const shares = ops.split(
          ops.softmax(ops.scale(ops.linear(modality, router), 1 / temperature)),
          1,
          [1, 1],
        );
        const down = linear(p, `${name}.down`, x, rank);
        const ways = shares.map((share, i) =>
          ops.mul(
            ops.linear(
              down,
              p.get({ name: `${name}.up.${i}`, shape: [rank, width], init: 0, optimizer: "adamw" }),
            ),
            share,
          ),
        );
        return ops.add(x, ops.add(ways[0]!, ways[1]!));
      },
    };
  };
}
