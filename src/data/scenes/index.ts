export { sceneSize } from "./canvas.ts";
export {
  type AskedScene,
  chooseQuestions,
  type SceneFamily,
  type SceneSet,
  sceneFamilies,
} from "./choose-questions.ts";
export { type Concept, categories, conceptIndex, concepts } from "./concepts.ts";
export { type Content, type SceneKind, sceneKinds } from "./content.ts";
export { encodeScene, sceneName, sceneSamples, toSample } from "./dataset.ts";
export { cellSize, cellsPerRow, type SceneObject, type SceneWord } from "./ground-truth.ts";
export { loadWorld } from "./load-world.ts";
export { type LookName, looks } from "./looks.ts";
export { drawMadeUpName } from "./made-up-names.ts";
export {
  type ProgramRun,
  type ProgramStep,
  programOf,
  rationaleOf,
  runProgram,
  type SceneView,
  type Thing,
  viewOf,
} from "./program.ts";
export { askScene, type SceneQuestion, type SceneType } from "./questions.ts";
export {
  makeScene,
  type Scene,
  type SceneAddress,
} from "./scene.ts";
export { type SceneSplit, type Style, sceneSplits, styles, stylesOf } from "./splits.ts";
export { askSteps } from "./steps.ts";
export {
  chartLinesOf,
  lineProgramOf,
  type TaughtTool,
  type ToolStep,
  taughtTools,
  toolStepOf,
} from "./tool-trace.ts";
export { type TrainedType, trainedTypes, trainQuestions } from "./train-questions.ts";
export { type QuestionType, questionTypes, wordings } from "./wordings.ts";
export type { World } from "./world.ts";
export { type WriteScenesOptions, writeScenes } from "./write-scenes.ts";
