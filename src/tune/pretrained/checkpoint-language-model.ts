// A checkpoint folder of Hugging Face as a LanguageModel: the folder's own chat template, tokenizer and picture processor, and the
// graphs that it is trained with. One generator makes the stream parts; `doGenerate` collects what `doStream` hands on.
import path from "node:path";
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { wholeOnly } from "../../data/picture-parts.ts";
import type { PictureProcessor } from "../../data/picture-processor.ts";
import { InputError, SetupError } from "../../errors/index.ts";
import { decodeImage, imageSize } from "../../media/index.ts";
import { folderHash } from "../../model/folder-hash.ts";
import { declareCapabilities } from "../../model/index.ts";
import {
  type LocalCallOptions,
  localCallOptions,
  logprobsOf,
  unsupportedWarnings,
} from "../../model/local/call-options.ts";
import type { Picture } from "../../model/local/pictures.ts";
import { readPrompt } from "../../model/local/read-prompt.ts";
import { createSampler } from "../../model/local/sample.ts";
import { textParts } from "../../model/local/stream-parts.ts";
import { type LocalModel, streamingModel } from "../../model/local/streaming-model.ts";
import { createTextStream } from "../../model/local/text-stream.ts";
import { writeAnswer } from "../../model/local/write-answer.ts";
import type { Capabilities } from "../../spec/index.ts";
import { readConversationEncoder } from "./conversation-tokens.ts";
import { readGenerationSettings } from "./generation-config.ts";
import type { Pixels } from "./positions.ts";
import { openPretrained } from "./pretrained-model.ts";
import { promptSample } from "./prompt-sample.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { fittingProcessor, normalisedSquares } from "./training-examples.ts";

export interface CheckpointModelOptions {
  /** How the model is called in results. @default the folder's name */
  modelId?: string;
  /** Threads of one pass. @default 1 */
  threads?: number;
}

/** Length limit of answers when neither the caller nor the folder gives one. */
const defaultMaxTokens = 256;

/** Files that decide a checkpoint's answers. */
const decidingFiles = /\.(json|jinja|safetensors)$/;

/**
 * Opens a checkpoint folder to be asked: one that `sightline tune` wrote as OUT/model, or the one that it started from. A prompt is
 * encoded as conversations are for training, so an earlier answer ends with the end token also where the template writes none.
 * Throws InputError for an architecture that is not known or only sees, and SetupError for a file that is missing.
 *
 * @example
 * const model = await openCheckpointModel("checkpoints/my-smolvlm/model");
 * const { text } = await generateText({ model, messages });
 */
export async function openCheckpointModel(
  dir: string,
  { modelId = path.basename(path.resolve(dir)), threads = 1 }: CheckpointModelOptions = {},
): Promise<LocalModel> {
  const checkpoint = await readCheckpoint(dir);
  const { architecture, blueprint } = checkpoint;
  if (!blueprint.text) {
    const rule = "a model that is asked must have a decoder";
    throw new InputError({ where: dir, rule, got: architecture });
  }
  const { context } = blueprint.text.config;
  const settings = await readGenerationSettings(dir);
  const encoder = await readConversationEncoder(checkpoint);
  const processor = blueprint.image && (await fittingProcessor(checkpoint));
  const endTokens = new Set([...settings.endTokens, encoder.eosId]);
  const pretrained = await openPretrained(checkpoint, { threads });
  const decode = (ids: readonly number[]) => (ids.length === 0 ? "" : encoder.decode(ids));
  let disposed = false;
  let weights: Promise<string> | undefined;

  const prepare = async (call: LanguageModelV4CallOptions) => {
    const { messages, pictures } = await readPrompt(call.prompt, { signal: call.abortSignal });
    if (pictures.length > 0 && !processor) {
      const rule = `must hold no pictures: ${architecture} reads text only`;
      throw new InputError({ where: pictures[0]!.where, rule, hint: "Ask it blind, or ask another model." });
    }
    const sample = promptSample(messages, { plainText: !processor });
    const grids = await Promise.all(
      pictures.map(async ({ bytes, where }) =>
        processor!.splits ? processor!.grid(await imageSize(bytes, { where })) : wholeOnly,
      ),
    );
    const { ids, images } = encoder.encode(sample, ({ source }) => grids[Number(source)]!);
    if (ids.length >= context) {
      const count = images.length === 1 ? "1 picture" : `${images.length} pictures`;
      const parts = processor?.splits ? " in parts" : "";
      const whole = parts && ", or set do_image_splitting to false in the folder's picture processor";
      throw new InputError({
        where: "prompt",
        rule: `must leave room for an answer in a context of ${context} tokens`,
        got: `${ids.length} tokens with ${count}${parts}`,
        hint: `Show fewer pictures or a shorter text${whole}.`,
      });
    }
    const shown = images.map(({ source }) => pictures[Number(source)]!);
    return { ids, pixels: shown.length > 0 ? await pixelsOf(shown, processor!) : undefined };
  };

  /** Everything that can be wrong with a call is found before its first part. */
  async function* run(
    call: LanguageModelV4CallOptions,
  ): AsyncGenerator<LanguageModelV4StreamPart, void, undefined> {
    const signal = call.abortSignal;
    signal?.throwIfAborted();
    if (disposed)
      throw new SetupError({ where: `model ${modelId}`, rule: "must not be used after dispose()" });
    const asked = localCallOptions(call);
    const { ids, pixels } = await prepare(call);
    signal?.throwIfAborted();
    const sequence = await pretrained.begin(ids, pixels);
    yield { type: "stream-start", warnings: unsupported(call, asked) };
    yield { type: "response-metadata", modelId };
    const wanted = call.maxOutputTokens ?? settings.maxTokens ?? defaultMaxTokens;
    const { finishReason, tokens, logprobs } = (yield* textParts(
      writeAnswer({
        sequence,
        sample: createSampler({
          temperature: call.temperature ?? settings.temperature,
          topP: call.topP ?? settings.topP,
          topK: call.topK ?? settings.topK,
          seed: call.seed ?? 0,
        }),
        text: createTextStream({ decode, stopSequences: call.stopSequences }),
        endTokens,
        maxTokens: Math.min(wanted, context - ids.length),
        logprobs: logprobsOf(asked),
        tokenText: encoder.tokenText,
        signal,
      }),
    ))!;
    const total = ids.length;
    yield {
      type: "finish",
      finishReason,
      usage: {
        inputTokens: { total, noCache: total, cacheRead: 0, cacheWrite: undefined },
        outputTokens: { total: tokens, text: tokens, reasoning: 0 },
      },
      ...(logprobsOf(asked) === undefined
        ? {}
        : { providerMetadata: { sightline: { logprobs: logprobs.map((l) => ({ ...l })) } } }),
    };
  }

  const model = streamingModel({
    ...{ provider: "sightline.checkpoint", modelId, run },
    async dispose() {
      disposed = true;
      await pretrained.dispose();
    },
  });
  const declared: Capabilities = {
    contextTokens: context,
    countTokens: encoder.countTokens,
    // No other shape is cut into more parts.
    tokensPerImage: encoder.pictureTokens(processor?.grid({ width: 1, height: 1 }) ?? wholeOnly),
    toolCalls: false,
    logprobs: true,
    choices: false,
    contrast: false,
    prefixCache: false,
    rationales: false,
    weightsHash: () => {
      weights ??= folderHash(dir, decidingFiles);
      return weights;
    },
  };
  if (!processor) declared.maxImages = 0;
  return declareCapabilities(model, declared);
}

/** What was asked for and has no effect. */
function unsupported(call: LanguageModelV4CallOptions, asked: LocalCallOptions): SharedV4Warning[] {
  const { responseFormat } = call;
  const beyond = {
    // The one without a schema is among what no local model does.
    responseFormat: responseFormat?.type === "json" && responseFormat.schema !== undefined,
    regex: asked.regex !== undefined,
    choices: asked.choices !== undefined,
    contrast: asked.contrast !== undefined,
  };
  const features = Object.entries(beyond).filter(([, isAsked]) => isAsked);
  return [
    ...unsupportedWarnings(call, { rationales: false, tools: false }),
    ...features.map(([feature]): SharedV4Warning => ({ type: "unsupported", feature })),
  ];
}

/** The squares of pictures as the checkpoint's processor makes them ready. */
async function pixelsOf(pictures: readonly Picture[], processor: PictureProcessor): Promise<Pixels> {
  const squares: Uint8Array[] = [];
  for (const { bytes, where } of pictures)
    for (const { pixels } of processor.squares(await decodeImage(bytes, { where }), where))
      squares.push(pixels);
  return normalisedSquares(squares, processor);
}
