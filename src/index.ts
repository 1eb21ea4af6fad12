// The light door: the vocabulary, the errors, the technique helper and the way to a model. Importing it loads no native
// code; pictures, ONNX and the providers are loaded by the first call that needs them.
export {
  type Budget,
  type EquipOptions,
  equip,
  type LookOptions,
  look,
  measureInjections,
  type PlannerName,
  plannerNames,
  runScript,
  type TraceDemonstrations,
} from "./agent/index.ts";
export { type VisionToolsOptions, visionTools } from "./agent/tools/index.ts";
export {
  bestOf,
  chain,
  check,
  decompose,
  describeBy,
  expert,
  infill,
  probe,
  reason,
  vote,
} from "./cot/index.ts";
export { assert, InputError, InternalError, SetupError, SightlineError } from "./errors/index.ts";
export {
  createPool,
  type DemonstrationPool,
  imageSimilarity,
  openDemonstrations,
  placeNearest,
  resolveEncoder,
  type Selector,
  type ShowOptions,
  show,
  textSimilarity,
} from "./icl/index.ts";
export {
  blind,
  callOf,
  capabilities,
  type DirectOptions,
  declareCapabilities,
  direct,
  errorEvents,
  eventOf,
  hidePictures,
  markOwn,
  promptOf,
  queryOf,
  type ResolveOptions,
  resolveModel,
  type TechniqueContext,
  type TechniqueEnd,
  type TechniqueNeeds,
  type TechniqueRun,
  technique,
  techniqueSpec,
  traceEvents,
} from "./model/index.ts";
export type * from "./spec/index.ts";
