export { blind, hidePictures } from "./blind.ts";
export type { CallFacts } from "./call-facts.ts";
export { callKey, isRepeatable, promptHash } from "./call-key.ts";
export { callQuery } from "./call-query.ts";
export { capabilities, declareCapabilities, wrapModel } from "./capabilities.ts";
export { captionOnly } from "./caption-only.ts";
export { collectStream, createCollector, reasoningOf, textOf } from "./collect-stream.ts";
export { type ContrastOptions, contrast } from "./contrast.ts";
export { answerSuffix, appendToQuestion, type DirectOptions, direct, directPrompt } from "./direct.ts";
export { errorEvents } from "./error-events.ts";
export type { InnerResult } from "./inner-calls.ts";
export { escapeRegex, schemaRegex } from "./local/index.ts";
export { type ModelSpec, parseModelSpec } from "./model-spec.ts";
export { answerParts, createThoughts } from "./own-parts.ts";
export { callOf, type PromptOptions, promptOf, queryOf, type SamplePrompt } from "./prompt.ts";
export { type ProviderErrorOptions, toProviderError, withProviderErrors } from "./provider-errors.ts";
export { bundledModel, type ResolveOptions, resolveModel } from "./resolve.ts";
export { stripOwnParts } from "./strip-own-parts.ts";
export { asTold, surenessOf, withSureness } from "./sureness.ts";
export {
  type TechniqueContext,
  type TechniqueEnd,
  type TechniqueNeeds,
  type TechniqueRun,
  technique,
} from "./technique.ts";
export { techniqueSpec } from "./technique-spec.ts";
export { moveToolPictures, withToolPictures } from "./tool-pictures.ts";
export { eventOf, eventPart, markOwn, traceEvents } from "./trace.ts";
export { noUsage, sumUsage, unknownUsage } from "./usage.ts";
export { type AnswerCache, type CacheOptions, withCache } from "./with-cache.ts";
export { isBusy, type RetryOptions, withRetries } from "./with-retries.ts";
export { type TimeoutOptions, withTimeout } from "./with-timeout.ts";
