// Which parameters of a model a stage trains, and how fast: a factor for each of the three parts, then factors by name. A
// factor of 0 freezes: a frozen parameter gets no gradient, costs no backward pass and keeps its value to the last bit.
import { z } from "zod";
import { isAdapter } from "./lora.ts";
import { fitsPattern } from "./name-pattern.ts";

const factor = z.number().nonnegative();

export const ratesFields = {
  /** Factors on the learning rate, by part. Default 1; 0 where the recipe has LoRA adapters. */
  parts: z
    .strictObject({ vision: factor.optional(), bridge: factor.optional(), language: factor.optional() })
    .optional(),
  /** Factors by name, `*` for any text; the last that fits counts, and comes before `parts`. */
  rates: z.array(z.strictObject({ names: z.string().min(1), factor })).optional(),
};

export interface RateOptions {
  parts?:
    | { vision?: number | undefined; bridge?: number | undefined; language?: number | undefined }
    | undefined;
  rates?: readonly { names: string; factor: number }[] | undefined;
}

export const modelParts = ["vision", "bridge", "language"] as const;
export type ModelPart = (typeof modelParts)[number];

/** The part that a parameter belongs to. */
export function partOf(name: string): ModelPart {
  if (name.startsWith("vision.")) return "vision";
  return name.startsWith("bridge.") ? "bridge" : "language";
}

/** Factor on the learning rate of a parameter; 0 freezes it. Adapters learn at the full rate unless `rates` names them. */
export function rateOf(
  name: string,
  { parts, rates = [] }: RateOptions,
  { lora }: { lora: boolean },
): number {
  const named = rates.findLast(({ names }) => fitsPattern(name, names));
  if (named) return named.factor;
  if (isAdapter(name)) return 1;
  return parts?.[partOf(name)] ?? (lora ? 0 : 1);
}
