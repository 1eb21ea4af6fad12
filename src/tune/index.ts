export { type Adapter, readAdapter, writeAdapter } from "./adapter-files.ts";
export { type BridgeConfig, bridgeSchema } from "./bridges/index.ts";
export { checkExportable, type ExportableModel, exportModel, readExportedModel } from "./export.ts";
export { type LoraConfig, loraSchema, mergeLora } from "./lora.ts";
export {
  hasVisualTokens,
  isExportable,
  type ModelConfig,
  modelConfigSchema,
  visualTokens,
} from "./model-config.ts";
export {
  buildTrainingGraph,
  type Checkpoint,
  type CheckpointEvaluation,
  type CheckpointModelOptions,
  type CheckpointRecipe,
  type CheckpointStep,
  type Continuation,
  checkpointRecipeSchema,
  exportTunedCheckpoint,
  type GenerateOptions,
  isCheckpointRecipe,
  type LabelledBatch,
  type LoadOptions,
  type LoraTraining,
  type LoraTrainingOptions,
  loadCheckpointRecipe,
  loadPretrained,
  loadTunedCheckpoint,
  type Matrix,
  mergeAdapter,
  openCheckpointModel,
  openLoraTraining,
  openPretrained,
  type Pixels,
  type PretrainedModel,
  readCheckpoint,
  type TrainingGraph,
  type TuneCheckpointOptions,
  type TunedCheckpoint,
  tuneCheckpoint,
  writeCheckpoint,
} from "./pretrained/index.ts";
export { type QuantizedFile, type QuantizedType, quantizeModel } from "./quantize-model.ts";
export { loadRecipe, type Recipe, recipeHash, recipeSchema } from "./recipe.ts";
export {
  type Accuracy,
  type Evaluation,
  exportRun,
  loadRun,
  type TrainOptions,
  type TrainResult,
  train,
} from "./train.ts";
export type { TrainingMetrics } from "./training-metrics.ts";
export { formatPlan, type StagePlan } from "./training-plan.ts";
export { writeTrainingReport } from "./training-report.ts";
export type { StepReport } from "./worker.ts";
