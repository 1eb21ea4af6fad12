export { gelu, geluTanh, quickGelu } from "./activations.ts";
export { add, mul, scale, silu, sub, sumAll } from "./elementwise.ts";
export { gatherRows } from "./gather.ts";
export {
  concat,
  dimension,
  flattenRows,
  neighbours3x3,
  pad,
  patches,
  reshape,
  slice,
  spaceToDepth,
  split,
  transpose,
} from "./layout.ts";
export { batchMatMul, gemm, linear } from "./matrix.ts";
export { crossEntropy, layerNorm, rmsNorm, softmax } from "./normalise.ts";
export { tanh } from "./tanh.ts";
