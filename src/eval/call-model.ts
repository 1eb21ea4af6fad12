// One question to one model: the prompt is built, sent, and sent again after a passing trouble of the server (too many
// requests, overload). The latency is that of the attempt that succeeded; loading pictures is not part of it.
import { setTimeout as sleep } from "node:timers/promises";
import { APICallError } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { callOf } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import type { Answer, ModelColumnOptions } from "./column.ts";

const attempts = 3;

/** Asks a model one question. */
export async function callModel(
  sample: Sample,
  {
    model,
    loadImage,
    seed,
    timeoutMs,
    maxOutputTokens,
    signal,
  }: Pick<ModelColumnOptions, "model" | "loadImage" | "seed" | "timeoutMs" | "maxOutputTokens"> & {
    signal?: AbortSignal;
  },
): Promise<Answer> {
  const { prompt, providerOptions } = await callOf(sample, { loadImage });
  const timeout = AbortSignal.timeout(timeoutMs);
  const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout;
  for (let attempt = 1; ; attempt++) {
    const start = performance.now();
    try {
      const call = model.doGenerate({
        prompt,
        providerOptions,
        temperature: 0,
        seed,
        maxOutputTokens,
        abortSignal,
      });
      const { content, usage } = await orAborted(Promise.resolve(call), abortSignal);
      const latencyMs = performance.now() - start;
      const join = (type: "text" | "reasoning") =>
        content.map((part) => (part.type === type ? part.text : "")).join("");
      return {
        text: join("text").trim(),
        ...(join("reasoning") ? { reasoning: join("reasoning") } : {}),
        latencyMs,
        inputTokens: usage.inputTokens.total,
        outputTokens: usage.outputTokens.total,
      };
    } catch (error) {
      if (timeout.aborted && !signal?.aborted) {
        const hint = "Raise --timeout or ask fewer questions at once (--concurrency).";
        throw new InputError({ where: "model", rule: `must answer within ${timeoutMs / 1000} s`, hint });
      }
      if (attempt === attempts || !isPassing(error)) throw error;
      await sleep(retryDelayMs(error, attempt), undefined, { signal: abortSignal });
    }
  }
}

/** Settles as the promise does, or rejects as soon as the signal fires, even when the model ignores the signal. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function isPassing(error: unknown): boolean {
  return APICallError.isInstance(error) && error.isRetryable && error.statusCode !== undefined;
}

function retryDelayMs(error: unknown, attempt: number): number {
  const header = APICallError.isInstance(error) ? error.responseHeaders?.["retry-after"] : undefined;
  const seconds = header === undefined ? Number.NaN : Number(header);
  return Number.isFinite(seconds) ? Math.min(60, Math.max(0, seconds)) * 1000 : 500 * 2 ** attempt;
}
