export { type MixBatchesOptions, type MixOptions, type MixStage, mix, mixBatches, mixStages } from "./mix.ts";
export { type MixSource, moveMedia, type SourceUse } from "./mix-source.ts";
export { type OpenSourceOptions, openMixSource } from "./open-source.ts";
export { type MixWeights, mixShares } from "./shares.ts";
