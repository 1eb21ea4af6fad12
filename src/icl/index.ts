export { type LabelControl, labelControls, type PictureControl, pictureControls } from "./controls.ts";
export type { Likeness } from "./likeness.ts";
export {
  type DemonstrationSource,
  encodeDemonstrations,
  type OpenDemonstrationsOptions,
  openDemonstrations,
} from "./open-demonstrations.ts";
export { type Order, orders } from "./order.ts";
export { type OrderedAnswer, type OrderSensitivity, orderSensitivity } from "./order-sensitivity.ts";
export { type PlaceNearest, type PlaceNearestOptions, placeNearest } from "./place-nearest.ts";
export {
  createPool,
  type DemonstrationIndex,
  type DemonstrationPicture,
  type DemonstrationPool,
  type PictureHashes,
  type PoolOptions,
} from "./pool.ts";
export { resolveEncoder } from "./resolve-encoder.ts";
export * from "./select/index.ts";
export type { Chosen, SelectionTask, Selector } from "./selector.ts";
export { type Layout, layouts, type ShowOptions, show } from "./show.ts";
export { createVectorIndex, maxVectors, type VectorIndex } from "./vector-index.ts";
