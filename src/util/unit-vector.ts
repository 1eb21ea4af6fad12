import { assert } from "../errors/index.ts";

/** The vector with length 1; a vector of zeros stays as it is. */
export function unitVector(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const x of vector) sum += x * x;
  assert(Number.isFinite(sum), "unitVector", "values must be finite", String(sum));
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return vector.map((x) => x * scale);
}
