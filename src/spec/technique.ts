import type { LanguageModelV4 } from "@ai-sdk/provider";

/** A model as the AI SDK sees it; every technique takes one and gives one. */
export type LanguageModel = LanguageModelV4;

/** A function from a model to a model, so techniques compose: `vote(5)(reason()(show(demos)(model)))`. */
export type Technique = (model: LanguageModel) => LanguageModel;
