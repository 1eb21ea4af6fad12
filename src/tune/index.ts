export { type ExportableModel, exportModel, readExportedModel } from "./export.ts";
export { type ModelConfig, modelConfigSchema, visualTokens } from "./model-config.ts";
export { loadRecipe, type Recipe, recipeHash, recipeSchema } from "./recipe.ts";
export { type Evaluation, loadRun, type TrainOptions, type TrainResult, train } from "./train.ts";
export type { StepReport } from "./worker.ts";
