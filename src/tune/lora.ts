// LoRA (Hu et al., arXiv 2106.09685): a frozen matrix W of [inputs, outputs] gets a trained product of two thin ones beside
// it, y = x W + s * (x A) B, with A of [inputs, rank], B of [rank, outputs] and s = alpha / rank. B starts at zero, so that
// the adapted model starts as the base model. rsLoRA (arXiv 2312.03732) uses s = alpha / sqrt(rank).
import { z } from "zod";
import { InputError } from "../errors/index.ts";
import { ops, type Shape, type Value } from "../onnx/index.ts";
import { fitsPattern } from "./name-pattern.ts";
import type { ParameterSource } from "./parameters.ts";

export const loraSchema = z.strictObject({
  rank: z.number().int().positive(),
  alpha: z.number().positive(),
  /** Share of the adapter's input that is dropped in each training step. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Names of the linear layers that get an adapter; `*` stands for any text. */
  targets: z.array(z.string().min(1)).min(1),
  /** Scales by alpha / sqrt(rank) instead of alpha / rank. */
  rsLora: z.boolean().default(false),
});

export type LoraConfig = z.infer<typeof loraSchema>;

/** What the product of the two thin matrices is multiplied with. */
export function loraScale({ rank, alpha, rsLora }: Pick<LoraConfig, "rank" | "alpha" | "rsLora">): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank);
}

/** True for the parameters of adapters. */
export function isAdapter(name: string): boolean {
  return /\.lora_[AB]$/.test(name);
}

/**
 * Lets a source adapt linear layers. In training with dropout, every adapter has an input `dropout:NAME` that holds 0 or
 * 1 / (1 - dropout) for each element of its layer's input; `masks` lists their shapes.
 */
export function withLora<S extends ParameterSource>(
  source: S,
  lora: LoraConfig | undefined,
  { training = false }: { training?: boolean } = {},
): { source: S; masks: Map<string, Shape> } {
  const masks = new Map<string, Shape>();
  if (!lora) return { source, masks };
  const made = new Map<string, Value>();
  // A layer that is computed again in the backward pass drops the same.
  const maskOf = (mask: string, shape: Shape): Value => {
    const value = made.get(mask) ?? source.graph.input(mask, "float32", shape);
    made.set(mask, value);
    masks.set(mask, shape);
    return value;
  };
  const adapt = (name: string, x: Value, y: Value): Value => {
    if (!lora.targets.some((pattern) => fitsPattern(name, pattern))) return y;
    const [inputs, outputs] = [x.shape.at(-1) as number, y.shape.at(-1) as number];
    // As PEFT does: A uniform within 1/sqrt(inputs), here normal with the same variance.
    const init = 1 / Math.sqrt(3 * inputs);
    const down = source.get({
      name: `${name}.lora_A`,
      shape: [inputs, lora.rank],
      init,
      optimizer: "adamw",
    });
    const up = source.get({
      name: `${name}.lora_B`,
      shape: [lora.rank, outputs],
      init: 0,
      optimizer: "adamw",
    });
    let seen = x;
    if (training && lora.dropout > 0) seen = ops.mul(x, maskOf(`dropout:${name}`, x.shape));
    return ops.add(y, ops.scale(ops.linear(ops.linear(seen, down), up), loraScale(lora)));
  };
  return { source: { ...source, adapt }, masks };
}

/** Adds adapters into the matrices beside them: the weights of an ordinary model. */
export function mergeLora(
  weights: ReadonlyMap<string, Float32Array>,
  lora: Pick<LoraConfig, "rank" | "alpha" | "rsLora">,
): Map<string, Float32Array> {
  const { rank } = lora;
  const scale = loraScale(lora);
  const merged = new Map<string, Float32Array>();
  for (const [name, base] of weights) {
    if (isAdapter(name)) continue;
    const down = weights.get(`${name}.lora_A`);
    const up = weights.get(`${name}.lora_B`);
    if (!down || !up) {
      merged.set(name, base);
      continue;
    }
    const inputs = down.length / rank;
    const outputs = up.length / rank;
    if (inputs * outputs !== base.length) {
      throw new InputError({
        where: `adapter of "${name}"`,
        rule: `must fit the layer's ${base.length} weights at rank ${rank}`,
        got: `${inputs} x ${outputs}`,
      });
    }
    const sum = base.slice();
    for (let i = 0; i < inputs; i++)
      for (let r = 0; r < rank; r++) {
        const a = scale * down[i * rank + r]!;
        for (let j = 0; j < outputs; j++) sum[i * outputs + j]! += a * up[r * outputs + j]!;
      }
    merged.set(name, sum);
  }
  return merged;
}
