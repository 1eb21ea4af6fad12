export { type Budget, defaultBudget, type TokenPrices } from "./budget.ts";
export { type LureOptions, lure } from "./correct/lure.ts";
export { type WoodpeckerOptions, woodpecker } from "./correct/woodpecker.ts";
export type { Place, TraceDemonstrations } from "./demonstrations.ts";
export { type AgentProblem, type EquipOptions, equip } from "./equip.ts";
export { createImages, type Images, nameImages, type Picture } from "./images.ts";
export { type Injection, type InjectionGoal, injections } from "./injection-corpus.ts";
export { type LookOptions, look } from "./look.ts";
export {
  type InjectionReport,
  type MeasureInjectionsOptions,
  measureInjections,
} from "./measure-injections.ts";
export type { Observation, Problem } from "./observation.ts";
export type { AskPerson } from "./person-tool.ts";
export { type PlannerName, plannerNames } from "./planners/index.ts";
export { type Pointer, type PointOptions, point } from "./point.ts";
export { type RefineOptions, refine, sentiments } from "./refine.ts";
export { type RunScriptOptions, runScript, type ScriptOutcome } from "./sandbox/run-script.ts";
export { readToolTrace, type ToolTrace, type TracedCall } from "./tool-trace.ts";
export {
  type CenterNetOptions,
  type ChartReader,
  centerNet,
  colorChartReader,
  type DetectedThing,
  type Detector,
  type GroundingEye,
  grabCut,
  groundingEye,
  groundingReader,
  hubDetector,
  hubLocator,
  hubSegmenter,
  type Locator,
  ppOcrReader,
  type Reader,
  type Segmenter,
  type TextLine,
  type VisionTool,
  type VisionToolsOptions,
  visionTool,
  visionTools,
} from "./tools/index.ts";
export type { Approve } from "./workbench.ts";
