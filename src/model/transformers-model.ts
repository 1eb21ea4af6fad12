// A loaded transformers.js model behind the LanguageModel interface: chat template, pictures, streaming, abort, usage.
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from "@ai-sdk/provider";
import type { Processor, RawImage, Tensor } from "@huggingface/transformers";
import { decodeImage } from "../media/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { declareCapabilities } from "./capabilities.ts";
import type { ArgumentOrder } from "./check-checkpoint.ts";
import { collectStream } from "./collect-stream.ts";
import { readPrompt } from "./local/read-prompt.ts";

/** The part of a transformers.js model that is used here; the library's own type says nothing of its inputs. */
export interface GeneratingModel {
  generation_config?: { max_new_tokens?: number | null };
  generate(inputs: Record<string, unknown>): Promise<Tensor>;
}

interface Loaded {
  library: typeof import("@huggingface/transformers");
  processor: Processor;
  model: GeneratingModel;
  order: ArgumentOrder;
  modelId: string;
}

type Inputs = Record<string, unknown> & { input_ids: Tensor };
type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>;

/** Length limit of answers when neither the caller nor the model gives one. */
const defaultMaxTokens = 256;

/** Makes the LanguageModel of a loaded model. One call runs at a time: a second one would share the same cores. */
export function createTransformersModel(loaded: Loaded): LanguageModel {
  let last: Promise<void> = Promise.resolve();
  const doStream: LanguageModel["doStream"] = async (options) => {
    options.abortSignal?.throwIfAborted();
    const stop = new loaded.library.InterruptableStoppingCriteria();
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start(controller) {
        last = last.then(() => answer(loaded, options, stop, controller));
      },
      cancel: () => stop.interrupt(),
    });
    return { stream };
  };
  const model: LanguageModel = {
    specificationVersion: "v4",
    provider: "transformers.js",
    modelId: loaded.modelId,
    supportedUrls: {},
    doStream,
    doGenerate: async (options) => collectStream((await doStream(options)).stream),
  };
  return declareCapabilities(model, {
    toolCalls: false,
    logprobs: false,
    choices: false,
    contrast: false,
    prefixCache: false,
    countTokens: (text) => loaded.processor.tokenizer!.encode(text, { add_special_tokens: false }).length,
  });
}

async function answer(
  loaded: Loaded,
  options: LanguageModelV4CallOptions,
  stop: { interrupt(): void },
  controller: Controller,
): Promise<void> {
  const signal = options.abortSignal;
  const onAbort = () => stop.interrupt();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    controller.enqueue({ type: "stream-start", warnings: unsupported(options) });
    await generate(loaded, options, stop, controller);
    signal?.throwIfAborted();
    controller.close();
  } catch (error) {
    // Also reached when the reader has gone; then there is nobody to tell and this does nothing.
    controller.error(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function generate(
  { library, processor, model, order }: Loaded,
  options: LanguageModelV4CallOptions,
  stop: object,
  controller: Controller,
): Promise<void> {
  const { messages, pictures } = await readPrompt(options.prompt, { signal: options.abortSignal });
  const text = processor.apply_chat_template(messages as never, { add_generation_prompt: true }) as string;
  const images = await Promise.all(
    pictures.map(async ({ bytes, where }) => {
      const { pixels, width, height } = await decodeImage(bytes, { where });
      return new library.RawImage(pixels, width, height, 3);
    }),
  );
  const inputs = await prepare(processor, order, text, images);
  const maxTokens = options.maxOutputTokens ?? model.generation_config?.max_new_tokens ?? defaultMaxTokens;
  let written = 0;
  const id = "0";
  controller.enqueue({ type: "text-start", id });
  const trim = createTrimmer();
  const streamer = new library.TextStreamer(processor.tokenizer!, {
    skip_prompt: true,
    skip_special_tokens: true,
    callback_function: (piece) => {
      const delta = trim(piece);
      if (delta !== "") controller.enqueue({ type: "text-delta", id, delta });
    },
    token_callback_function: (tokens) => {
      written += tokens.length;
    },
  });
  const { temperature = 0, topP, topK } = options;
  await model.generate({
    ...inputs,
    max_new_tokens: maxTokens,
    do_sample: temperature > 0,
    ...(temperature > 0 ? { temperature } : {}),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
    streamer,
    stopping_criteria: stop,
  });
  controller.enqueue({ type: "text-end", id });
  controller.enqueue({
    type: "finish",
    finishReason: { unified: written >= maxTokens ? "length" : "stop", raw: undefined },
    usage: usageOf(inputs.input_ids.dims.at(-1)!, written),
  });
}

/** Calls the processor in the way that its architecture wants. */
async function prepare(
  processor: Processor,
  order: ArgumentOrder,
  text: string,
  images: RawImage[],
): Promise<Inputs> {
  const tokenize = processor.tokenizer as unknown as (text: string, options: object) => Inputs;
  // Templates write the beginning-of-text token themselves.
  const options = { add_special_tokens: false };
  if (images.length === 0) return tokenize(text, options);
  const process = processor as unknown as (...args: unknown[]) => Promise<Inputs>;
  if (order === "text-first") return process(text, images, options);
  if (order === "images-first") return process(images, text, options);
  const pixels = (await processor.image_processor!(images)) as { pixel_values: Tensor };
  const {
    image_token,
    patch_size,
    num_additional_image_tokens = 0,
  } = processor.config as {
    image_token: string;
    patch_size: number;
    num_additional_image_tokens?: number;
  };
  const [height, width] = pixels.pixel_values.dims.slice(-2) as [number, number];
  const count =
    Math.floor(height / patch_size) * Math.floor(width / patch_size) + num_additional_image_tokens;
  return { ...pixels, ...tokenize(text.replaceAll(image_token, image_token.repeat(count)), options) };
}

/** Drops white space around the text, piece by piece: what may be its end is held back until more text comes. */
function createTrimmer(): (piece: string) => string {
  let held = "";
  let started = false;
  return (piece) => {
    const text = held + (started ? piece : piece.trimStart());
    if (text.trim() === "" && !started) return "";
    started = true;
    const kept = text.trimEnd();
    held = text.slice(kept.length);
    return kept;
  };
}

function usageOf(input: number, output: number): LanguageModelV4Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}

function unsupported(options: LanguageModelV4CallOptions): SharedV4Warning[] {
  const asked = {
    tools: (options.tools?.length ?? 0) > 0,
    seed: options.seed !== undefined,
    stopSequences: (options.stopSequences?.length ?? 0) > 0,
    responseFormat: options.responseFormat?.type === "json",
    presencePenalty: (options.presencePenalty ?? 0) !== 0,
    frequencyPenalty: (options.frequencyPenalty ?? 0) !== 0,
  };
  const features = Object.entries(asked).filter(([, value]) => value);
  return features.map(([feature]) => ({ type: "unsupported", feature }));
}
