import { type Dim, ops, type Value } from "../../onnx/index.ts";

/**
 * Lets text look picture by picture: text [B, n * t, D] stands in n segments of equal length, one for each of its
 * pictures, and `look` is given [B * n, t, D], each segment beside its own picture. `pictures` is B * n.
 */
export function perPicture(text: Value, pictures: Dim, look: (own: Value) => Value): Value {
  const [batch, length, width] = text.shape as [Dim, number, number];
  const times = (dim: Dim) => (typeof dim === "number" ? dim : dim.times);
  const each = (length * times(batch)) / times(pictures);
  if (each === length) return look(text);
  return ops.reshape(look(ops.reshape(text, [pictures, each, width])), text.shape);
}
