export { type CheckpointModelOptions, openCheckpointModel } from "./checkpoint-language-model.ts";
export {
  type CheckpointRecipe,
  checkpointRecipeSchema,
  isCheckpointRecipe,
  loadCheckpointRecipe,
} from "./checkpoint-recipe.ts";
export { exportTunedCheckpoint } from "./export-checkpoint.ts";
export { buildTrainingGraph, type TrainingGraph } from "./graphs.ts";
export { type LoraTraining, type LoraTrainingOptions, openLoraTraining } from "./lora-training.ts";
export type { Pixels } from "./positions.ts";
export {
  type Continuation,
  type GenerateOptions,
  type LoadOptions,
  loadPretrained,
  type Matrix,
  openPretrained,
  type PretrainedModel,
} from "./pretrained-model.ts";
export { type Checkpoint, readCheckpoint } from "./read-checkpoint.ts";
export type { CheckpointEvaluation, CheckpointStep } from "./train-stage.ts";
export { IGNORED, type LabelledBatch } from "./training-batch.ts";
export {
  loadTunedCheckpoint,
  type TuneCheckpointOptions,
  type TunedCheckpoint,
  tuneCheckpoint,
} from "./tune-checkpoint.ts";
export { mergeAdapter, writeCheckpoint } from "./write-checkpoint.ts";
