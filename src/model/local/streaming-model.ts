// The outside of a model that runs here, around the generator that writes its answers.
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { LanguageModel } from "../../spec/index.ts";
import { collectStream } from "../collect-stream.ts";
import { toStream } from "../read-stream.ts";

/** A model that holds native memory. */
export type LocalModel = LanguageModel & AsyncDisposable & { dispose(): Promise<void> };

export interface StreamingModelOptions {
  provider: string;
  modelId: string;
  /** Writes an answer, part by part. What is wrong with a call is thrown before the first part. */
  run(call: LanguageModelV4CallOptions): AsyncGenerator<LanguageModelV4StreamPart, void>;
  /** Gives the memory back; called once. */
  dispose(): Promise<void>;
}

/** Makes the model; a call that is wrong fails before there is a stream. */
export function streamingModel({ provider, modelId, run, dispose: free }: StreamingModelOptions): LocalModel {
  const doStream: LanguageModel["doStream"] = async (call) => {
    const parts = run(call);
    const first = await parts.next();
    return { stream: toStream(parts, first.value!) };
  };
  let freed: Promise<void> | undefined;
  const dispose = () => {
    freed ??= free();
    return freed;
  };
  return {
    specificationVersion: "v4",
    ...{ provider, modelId, supportedUrls: {} },
    doGenerate: async (call) => collectStream((await doStream(call)).stream),
    doStream,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
