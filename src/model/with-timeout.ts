import { SetupError } from "../errors/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { linkedController } from "../util/linked-controller.ts";
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
    const controller = linkedController(signal);
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
    const end = () => {
      stop();
      controller.release();
    };
    return { signal: controller.signal, restart, stop, end };
  };
  return wrapModel(model, {
    async doGenerate(options) {
      const { signal, end } = watch(options.abortSignal);
      try {
        return await model.doGenerate({ ...options, abortSignal: signal });
      } finally {
        end();
      }
    },
    async doStream(options) {
      const { signal, restart, stop, end } = watch(options.abortSignal);
      try {
        const result = await model.doStream({ ...options, abortSignal: signal });
        const parts = readStream(result.stream);
        const stream = new ReadableStream({
          async pull(controller) {
            restart();
            try {
              const next = await parts.next();
              if (next.done) {
                end();
                controller.close();
              } else {
                stop();
                controller.enqueue(next.value);
              }
            } catch (error) {
              end();
              controller.error(error);
            }
          },
          async cancel() {
            end();
            await parts.return();
          },
        });
        return { ...result, stream };
      } catch (error) {
        end();
        throw error;
      }
    },
  });
}
