import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { wrapModel } from "../model/index.ts";
import type { LanguageModel } from "../spec/index.ts";

/** A model that keeps the options of every call that reaches it. */
export type RecordedModel = LanguageModel & {
  calls: LanguageModelV4CallOptions[];
  /** Runs just before each call. */
  onCall?: () => void;
};

/** Wraps a model to see what reaches it. */
export function recordCalls(model: LanguageModel): RecordedModel {
  const calls: LanguageModelV4CallOptions[] = [];
  const note = (options: LanguageModelV4CallOptions) => {
    calls.push(options);
    recorded.onCall?.();
    return options;
  };
  const recorded: RecordedModel = Object.assign(
    wrapModel(model, {
      doGenerate: async (options) => model.doGenerate(note(options)),
      doStream: async (options) => model.doStream(note(options)),
    }),
    { calls },
  );
  return recorded;
}
