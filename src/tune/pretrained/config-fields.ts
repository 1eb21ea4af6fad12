// What the config.json files of all architectures share: sizes within bounds (a file is untrusted, and a graph is built from
// them before any weight is read), names of activations, and errors that name the field.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";

/** A size of at least 1. */
export const size = (most: number) => z.number().int().positive().max(most);

/** Activations by the names that configurations use. */
export const activations = {
  silu: ops.silu,
  gelu: ops.gelu,
  gelu_new: ops.geluTanh,
  gelu_pytorch_tanh: ops.geluTanh,
  quick_gelu: ops.quickGelu,
} satisfies Record<string, (x: Value) => Value>;

export type ActivationName = keyof typeof activations;

export const activationSchema = z.enum(Object.keys(activations) as [ActivationName, ...ActivationName[]]);

/** The object with `null` fields left out: configurations write null for "as by default". */
export function withoutNulls(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

/** Checks a configuration, or a part of it that `part` names. */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  value: Record<string, unknown>,
  where: string,
  part?: string,
): z.infer<S> {
  if ("quantization_config" in value) {
    const hint = "Use a checkpoint with weights in F32, F16 or BF16.";
    throw new InputError({
      where,
      rule: "quantised checkpoints cannot be read",
      got: "quantization_config",
      hint,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = [...(part ? [part] : []), ...path].join(".");
  throw new InputError({
    where,
    rule: "the configuration must be one that is known",
    got: `${field}: ${message}`,
  });
}
