export { add, mul, scale, silu, sub, sumAll } from "./elementwise.ts";
export { gatherRows } from "./gather.ts";
export {
  concat,
  dimension,
  flattenRows,
  neighbours3x3,
  pad,
  reshape,
  slice,
  spaceToDepth,
  split,
  transpose,
} from "./layout.ts";
export { batchMatMul, gemm, linear } from "./matrix.ts";
export { crossEntropy, rmsNorm, softmax } from "./normalise.ts";
