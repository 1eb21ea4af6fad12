export { blind, hidePictures } from "./blind.ts";
export { callQuery } from "./call-query.ts";
export { capabilities, declareCapabilities, wrapModel } from "./capabilities.ts";
export { collectStream, createCollector, textOf } from "./collect-stream.ts";
export { answerSuffix, appendToQuestion, direct } from "./direct.ts";
export { errorEvents } from "./error-events.ts";
export type { InnerResult } from "./inner-calls.ts";
export { callOf, type PromptOptions, promptOf, queryOf, type SamplePrompt } from "./prompt.ts";
export { stripOwnParts } from "./strip-own-parts.ts";
export {
  type TechniqueContext,
  type TechniqueEnd,
  type TechniqueNeeds,
  type TechniqueRun,
  technique,
} from "./technique.ts";
export { techniqueSpec } from "./technique-spec.ts";
export { eventOf, eventPart, markOwn, traceEvents } from "./trace.ts";
export { noUsage, sumUsage, unknownUsage } from "./usage.ts";
