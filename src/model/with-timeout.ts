import { SetupError } from "../errors/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { wrapModel } from "./capabilities.ts";
import { readStream } from "./read-stream.ts";

export interface TimeoutOptions {
  /** Longest silence: until the whole answer without streaming, between two parts with it. */
  timeoutMs: number;
  /** Names the server in the error. */
  where: string;
}

/** Wraps a model so that a server that falls silent ends the call with an error. */
export function withTimeout(model: LanguageModel, { timeoutMs, where }: TimeoutOptions): LanguageModel {
  const watch = (signal: AbortSignal | undefined) => {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stop = () => clearTimeout(timer);
    const restart = () => {
      stop();
      timer = setTimeout(() => {
        const rule = `must answer within ${timeoutMs / 1000} s`;
        controller.abort(new SetupError({ where, rule, got: "silence", hint: "Check the server's load." }));
      }, timeoutMs);
    };
    restart();
    return {
      signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
      restart,
      stop,
    };
  };
  return wrapModel(model, {
    async doGenerate(options) {
      const { signal, stop } = watch(options.abortSignal);
      try {
        return await model.doGenerate({ ...options, abortSignal: signal });
      } finally {
        stop();
      }
    },
    async doStream(options) {
      const { signal, restart, stop } = watch(options.abortSignal);
      try {
        const result = await model.doStream({ ...options, abortSignal: signal });
        const parts = readStream(result.stream);
        const stream = new ReadableStream({
          async pull(controller) {
            restart();
            try {
              const next = await parts.next();
              stop();
              if (next.done) controller.close();
              else controller.enqueue(next.value);
            } catch (error) {
              stop();
              controller.error(error);
            }
          },
          async cancel() {
            stop();
            await parts.return();
          },
        });
        return { ...result, stream };
      } catch (error) {
        stop();
        throw error;
      }
    },
  });
}
