export { compressWeights, type WeightType } from "./compress-weights.ts";
export { matrixFlops } from "./flops.ts";
export { gradients } from "./gradient.ts";
export { Graph, type Value } from "./graph.ts";
export { readConstants, toModelBytes } from "./model-proto.ts";
export * as ops from "./ops/index.ts";
export { recompute } from "./recompute.ts";
export { openSession, type Session, type SessionOptions, type TensorData, type Tensors } from "./session.ts";
export { type Dim, formatShape, type Shape, sym } from "./shape.ts";
