// A fixed number of learned queries look at the features and become the visual tokens, whatever the size of the picture:
// the Perceiver resampler of Flamingo (arXiv 2204.14198), and in its idea the Q-Former of BLIP-2 (arXiv 2301.12597). With
// `instruction` the queries also read the question, as in InstructBLIP (arXiv 2305.06500): which tokens a picture becomes then
// depends on what is asked about it.
import { z } from "zod";
import { ops, type Value } from "../../onnx/index.ts";
import { attend, linear, norm } from "../layers.ts";
import type { ParameterSource } from "../parameters.ts";
import type { BridgeSizes } from "./index.ts";

export const resamplerSchema = z.strictObject({
  kind: z.literal("resampler"),
  /** Learned queries: the visual tokens of a picture. */
  queries: z.number().int().positive(),
  layers: z.number().int().positive().default(2),
  /** The queries read the question too; each picture then has one question. */
  instruction: z.boolean().optional(),
});

/** A question as queries read it. */
export interface Instruction {
  /** Words behind the picture, [B, slots, width]. */
  words: Value;
  /** [B, 1, 1, slots + cells + queries]: 0 for words of the question, cells and queries; a large negative number elsewhere. */
  bias: Value;
}

/** Each layer: the queries look at the question (where it is given), the features and each other, then each passes a feed-forward layer. */
export function resamplerBridge(
  p: ParameterSource,
  x: Value,
  { queries, layers }: z.infer<typeof resamplerSchema>,
  { width, heads, instruction }: BridgeSizes & { instruction?: Instruction | undefined },
): Value {
  const learned = p.get({ name: "bridge.queries", shape: [queries, width], init: 1, optimizer: "adamw" });
  const batch = x.shape[0]!;
  const features = linear(p, "bridge.input", norm(p, "bridge.norm", x), width); // [B, cells, D]
  // The queries, once for each picture: zero times the features' first row gives the batch its size.
  const none = ops.scale(
    ops.reshape(ops.split(features, 1, [1, (x.shape[1] as number) - 1])[0]!, [batch, 1, width]),
    0,
  );
  let q = ops.add(none, learned);
  for (let i = 0; i < layers; i++) {
    const name = `bridge.layers.${i}`;
    const own = norm(p, `${name}.query_norm`, q);
    const asked = instruction ? [norm(p, `${name}.instruction_norm`, instruction.words)] : [];
    const seen = ops.concat([...asked, norm(p, `${name}.feature_norm`, features), own], 1);
    q = ops.add(q, attend(p, `${name}.attention`, own, seen, { heads, bias: instruction?.bias }));
    const hidden = ops.silu(
      linear(p, `${name}.feed_forward.up`, norm(p, `${name}.feed_forward_norm`, q), 4 * width),
    );
    q = ops.add(q, linear(p, `${name}.feed_forward.down`, hidden, width));
  }
  return norm(p, "bridge.output_norm", q);
}
