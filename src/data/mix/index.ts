export {
  type DrawBatchesOptions,
  type DrawOptions,
  type MixStage,
  mixBatches,
  mixSamples,
  mixStages,
} from "./draw.ts";
export { type MixedSource, type MixOptions, type MixReport, mix } from "./mix.ts";
export { type MixSource, moveMedia, type SourceUse } from "./mix-source.ts";
export { type DatasetSource, type OpenSourceOptions, openMixSource } from "./open-source.ts";
export { type MixWeights, mixShares } from "./shares.ts";
