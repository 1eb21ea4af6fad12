import type { Capabilities, LanguageModel } from "../spec/index.ts";

const key = Symbol.for("sightline.capabilities");

const none: Capabilities = {
  toolCalls: false,
  logprobs: false,
  choices: false,
  contrast: false,
  prefixCache: false,
};

/** Reads what a model says it can do beyond the interface. A model that says nothing can do none of it. */
export function capabilities(model: LanguageModel): Capabilities {
  return (model as { [key]?: Capabilities })[key] ?? none;
}

/** Declares what a model can do, on the model object itself, and returns it. */
export function declareCapabilities<M extends LanguageModel>(model: M, declared: Capabilities): M {
  Object.defineProperty(model, key, { value: declared, enumerable: true, configurable: true });
  return model;
}

/** Wraps a model: same identity and capabilities, other `doGenerate` and `doStream`. */
export function wrapModel(
  model: LanguageModel,
  replaced: Pick<LanguageModel, "doGenerate" | "doStream"> & Partial<Pick<LanguageModel, "supportedUrls">>,
): LanguageModel {
  const wrapped: LanguageModel = {
    specificationVersion: "v4",
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return replaced.supportedUrls ?? model.supportedUrls;
    },
    doGenerate: replaced.doGenerate,
    doStream: replaced.doStream,
  };
  return declareCapabilities(wrapped, capabilities(model));
}
