// Retries for hosted models: busy (429), failing (5xx) and broken connections are worth another try; a refused
// connection or a wrong key is not. A stream is retried only until its first word: afterwards the caller has seen it.
import { APICallError, type LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { LanguageModel } from "../spec/index.ts";
import { sleep as abortableSleep } from "../util/sleep.ts";
import { wrapModel } from "./capabilities.ts";
import { readStream } from "./read-stream.ts";

export interface RetryOptions {
  /** Tries after the first one. @default 4 */
  retries?: number;
  /** Wait before the first retry; doubles with every further one. @default 500 */
  firstDelayMs?: number;
  /** A server that asks for a longer wait than this is not waited for. @default 60000 */
  maxDelayMs?: number;
  /** Called before every wait, with the wait that the server asked for. */
  onRetry?: (error: unknown, retryAfterMs: number | undefined) => void;
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  now?: () => number;
}

/** Wraps a model so that calls that failed for a passing reason are made again, with growing waits. */
export function withRetries(
  model: LanguageModel,
  {
    retries = 4,
    firstDelayMs = 500,
    maxDelayMs = 60_000,
    onRetry,
    sleep = abortableSleep,
    now = Date.now,
  }: RetryOptions = {},
): LanguageModel {
  const retrying = async <T>(signal: AbortSignal | undefined, attempt: () => PromiseLike<T>): Promise<T> => {
    for (let i = 0; ; i++) {
      try {
        return await attempt();
      } catch (error) {
        const asked = retryAfterMs(error, now);
        const delay = asked ?? Math.min(maxDelayMs, firstDelayMs * 2 ** i);
        if (i >= retries || signal?.aborted || delay > maxDelayMs || !isPassing(error)) throw error;
        onRetry?.(error, asked);
        await sleep(delay, signal);
      }
    }
  };
  return wrapModel(model, {
    doGenerate: (options) => retrying(options.abortSignal, () => model.doGenerate(options)),
    doStream: (options) =>
      retrying(options.abortSignal, async () => {
        const result = await model.doStream(options);
        return { ...result, stream: await untilFirstWord(result.stream) };
      }),
  });
}

/** True for a failure that may be gone at the next try. */
export function isPassing(error: unknown): boolean {
  const code = networkCode(error);
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400) {
    const { statusCode } = error;
    return statusCode === 408 || statusCode === 429 || (statusCode >= 500 && statusCode !== 501);
  }
  return code !== undefined && passingCodes.has(code);
}

const passingCodes = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET"]);

/** True when a server says that it has too much to do: 429, or 503 with the time to come back. */
export function isBusy(error: unknown): boolean {
  if (!APICallError.isInstance(error)) return false;
  return (
    error.statusCode === 429 || (error.statusCode === 503 && "retry-after" in (error.responseHeaders ?? {}))
  );
}

/** The system's code of a network failure, found along the chain of causes. */
export function networkCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string" && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code)) return code;
    current = current.cause;
  }
  return undefined;
}

/** The wait that a server asked for in `Retry-After` (seconds or a date) or `Retry-After-Ms`. */
export function retryAfterMs(error: unknown, now: () => number): number | undefined {
  if (!APICallError.isInstance(error)) return undefined;
  const headers = error.responseHeaders ?? {};
  const milliseconds = Number.parseFloat(headers["retry-after-ms"] ?? "");
  if (milliseconds >= 0) return milliseconds;
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  const ms = /^\s*[\d.]+\s*$/.test(value) ? Number.parseFloat(value) * 1000 : Date.parse(value) - now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Reads ahead until there is something to say; a failure before that is thrown instead of streamed. */
async function untilFirstWord(
  stream: ReadableStream<LanguageModelV4StreamPart>,
): Promise<ReadableStream<LanguageModelV4StreamPart>> {
  const parts = readStream(stream);
  const ahead: LanguageModelV4StreamPart[] = [];
  for (;;) {
    const next = await parts.next();
    if (next.done) break;
    if (next.value.type === "error" && isPassing(next.value.error)) {
      await parts.return();
      throw next.value.error;
    }
    ahead.push(next.value);
    if (!frame.has(next.value.type)) break;
  }
  return new ReadableStream({
    async pull(controller) {
      const next = ahead.length > 0 ? { done: false, value: ahead.shift()! } : await parts.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value as LanguageModelV4StreamPart);
    },
    cancel: async () => void (await parts.return()),
  });
}

const frame = new Set<string>(["stream-start", "response-metadata", "ping", "raw"]);
