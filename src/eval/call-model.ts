// One question to one model: the prompt is built, sent, and its answer read, within a time limit that also holds for a
// model that ignores its abort signal. Loading pictures is not part of the latency.
import { InputError } from "../errors/index.ts";
import { type CallFacts, callOf, reasoningOf, textOf, traceEvents } from "../model/index.ts";
import type { ImagePart, LanguageModel, Sample, TraceEvent } from "../spec/index.ts";
import { linkedController } from "../util/linked-controller.ts";

/** One answer, with what it took. Absent counts are unknown. */
export interface Answer {
  text: string;
  reasoning?: string;
  latencyMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  /** Calls to the model, when it was not one. */
  calls?: number;
  /** Calls that were answered from the cache. */
  cachedCalls?: number;
  /** Content addresses of the prompts that the model received. */
  promptHashes?: string[];
  /** What was wrong with the answer and stayed so, such as `no-answer`; it is scored as it is. */
  problem?: string;
  /** What the technique did on the way, when that was more than one call. */
  events?: TraceEvent[];
}

export interface CallModelOptions {
  /** The model with its technique around it. */
  model: LanguageModel;
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array; mediaType: string; hash?: string }>;
  seed: number;
  /** @default 0 */
  temperature?: number;
  /** Longest time for one question. */
  timeoutMs: number;
  maxOutputTokens: number;
  signal?: AbortSignal;
}

/** Asks a model one question. */
export async function callModel(
  sample: Sample,
  { model, loadImage, seed, temperature = 0, timeoutMs, maxOutputTokens, signal }: CallModelOptions,
): Promise<Answer> {
  const { prompt, providerOptions } = await callOf(sample, { loadImage });
  const limit = linkedController(signal, timeoutMs);
  const abortSignal = limit.signal;
  const start = performance.now();
  try {
    const call = model.doGenerate({
      prompt,
      providerOptions,
      temperature,
      seed,
      maxOutputTokens,
      abortSignal,
    });
    const { content, usage, providerMetadata } = await orAborted(call, abortSignal);
    const left = providerMetadata?.sightline?.problem;
    const problem = typeof left === "string" && left !== "" ? left : undefined;
    const { calls, savedMs, ...facts } = (providerMetadata?.sightline ?? {}) as CallFacts & {
      calls?: number;
    };
    // An answer from the cache took what it took when it was made.
    const latencyMs = performance.now() - start + (savedMs ?? 0);
    const events = traceEvents(content);
    const isOneCall = !problem && (calls ?? 1) === 1 && events.every(({ type }) => type.startsWith("call-"));
    const reasoning = reasoningOf(content);
    return {
      text: textOf(content).trim(),
      ...(reasoning ? { reasoning } : {}),
      latencyMs,
      inputTokens: usage.inputTokens.total,
      outputTokens: usage.outputTokens.total,
      ...(calls !== undefined && calls !== 1 ? { calls } : {}),
      ...(problem ? { problem } : {}),
      ...(isOneCall ? {} : { events }),
      ...(facts.cachedCalls ? { cachedCalls: facts.cachedCalls } : {}),
      ...(facts.promptHashes ? { promptHashes: facts.promptHashes } : {}),
    };
  } catch (error) {
    if (!abortSignal.aborted || signal?.aborted) throw error;
    const hint = "Raise --timeout, or ask fewer questions at once (--concurrency).";
    throw new InputError({ where: "model", rule: `must answer within ${timeoutMs / 1000} s`, hint });
  } finally {
    limit.release();
  }
}

/** Settles as the promise does, or rejects as soon as the signal fires. */
function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    const settle = () => signal.removeEventListener("abort", abort);
    promise.then(resolve, reject).then(settle, settle);
  });
}
