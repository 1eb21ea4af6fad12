// The parts of a checkpoint by the names of transformers' modules, and how fast each learns.
import { z } from "zod";
import { isAdapter } from "../lora.ts";
import { fitsPattern } from "../name-pattern.ts";
import type { ModelPart } from "../rates.ts";

const factor = z.number().nonnegative().optional();

export const partsSchema = z.strictObject({
  vision: factor,
  bridge: factor,
  language: factor,
  adapters: factor,
});

export interface PartRates {
  parts?: z.infer<typeof partsSchema> | undefined;
  rates?: readonly { names: string; factor: number }[] | undefined;
}

/** The part that a parameter belongs to. */
export function checkpointPart(name: string): ModelPart {
  if (/^model\.vision_(tower|model)\./.test(name)) return "vision";
  return /^model\.(multi_modal_projector|connector)\./.test(name) ? "bridge" : "language";
}

/** Factor on the learning rate of a parameter; 0 freezes it. `lora` says that the recipe has adapters. */
export function checkpointRate(name: string, { parts, rates = [] }: PartRates, lora: boolean): number {
  const named = rates.findLast(({ names }) => fitsPattern(name, names));
  if (named) return named.factor;
  if (isAdapter(name)) return parts?.adapters ?? 1;
  return parts?.[checkpointPart(name)] ?? (lora ? 0 : 1);
}
