import { InternalError } from "../../errors/index.ts";
import type { Value } from "../graph.ts";
import { formatShape } from "../shape.ts";

/** Throws an error that names the operator, the rule and the shapes it was given. */
export function checkShapes(
  condition: unknown,
  op: string,
  rule: string,
  ...values: Value[]
): asserts condition {
  if (condition) return;
  throw new InternalError({
    where: `onnx.${op}`,
    rule,
    got: values.map((value) => formatShape(value.shape)).join(" and "),
  });
}
