// A LLaVA-layout folder as a LanguageModel, run by our own decode loop. One generator makes the stream parts;
// `doStream` hands them on as they come and `doGenerate` collects them, so the two cannot differ.
import path from "node:path";
import type {
  JSONObject,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { InputError, SetupError } from "../../errors/index.ts";
import { parseDataUrl } from "../../media/index.ts";
import type { Capabilities } from "../../spec/index.ts";
import { offerText } from "../../util/tool-format.ts";
import { declareCapabilities } from "../capabilities.ts";
import { folderHash } from "../folder-hash.ts";
import { type LocalCallOptions, localCallOptions, logprobsOf, unsupportedWarnings } from "./call-options.ts";
import { checkFolder } from "./check-folder.ts";
import { scoreChoices } from "./choices.ts";
import { openDecoder } from "./decode.ts";
import { createEngine, type Sequence } from "./engine.ts";
import { createPictureReader, type Picture } from "./pictures.ts";
import { createPrefixCache } from "./prefix-cache.ts";
import { type PreparedPrompt, preparePrompt } from "./prepare-prompt.ts";
import { createPreprocessor } from "./preprocess.ts";
import { readPrompt } from "./read-prompt.ts";
import { createSampler } from "./sample.ts";
import { schemaRegex } from "./schema-regex.ts";
import { textParts } from "./stream-parts.ts";
import { type LocalModel, streamingModel } from "./streaming-model.ts";
import { createTextStream } from "./text-stream.ts";
import { type ChatMessage, type ChatTokenizer, createChatTokenizer } from "./tokenizer.ts";
import { type PlannedToolUse, planToolUse, withOffer } from "./tool-use.ts";
import { tryDecoder } from "./try-decoder.ts";
import { type Reply, type ReplyOptions, writeRationale, writeReply } from "./write-reply.ts";

export interface LocalModelOptions {
  /** How the model is called in results. @default the folder's name */
  modelId?: string;
  /** Threads of one pass. @default 1 */
  threads?: number;
  /** Most answers that are written in one pass, when the model can. @default 8 */
  maxBatch?: number;
  /** Memory for beginnings of recent prompts. @default 64e6 */
  prefixCacheBytes?: number;
  /** Memory for features of recent pictures. @default 64e6 */
  pictureCacheBytes?: number;
}

export type { LocalModel };

/** Length limit of answers when neither the caller nor the model gives one. */
const defaultMaxTokens = 256;

/**
 * Loads a model folder in the LLaVA layout of transformers.js.
 *
 * @example
 * const model = await loadLocalModel("/models/tiny");
 * const { text } = await generateText({ model, messages });
 */
export async function loadLocalModel(dir: string, options: LocalModelOptions = {}): Promise<LocalModel> {
  const { threads = 1, maxBatch = 8, prefixCacheBytes = 64e6, pictureCacheBytes = 64e6 } = options;
  const folder = await checkFolder(dir);
  const tokenizer = createChatTokenizer(folder);
  const preprocessor = createPreprocessor(folder);
  const decoder = await openDecoder(folder, { threads });
  const { tokensPerImage, batches } = await tryDecoder(decoder, preprocessor.size);
  const engine = createEngine(decoder, { maxBatch: batches ? maxBatch : 1 });
  const prefixes = createPrefixCache({ maxBytes: prefixCacheBytes });
  const reader = createPictureReader(decoder, preprocessor, { maxBytes: pictureCacheBytes });
  const endTokens = new Set(folder.endTokens);
  const { generation, config } = folder;
  const contextTokens = config.text_config.max_position_embeddings ?? tokenizerLimit(folder.tokenizerConfig);
  const taughtTools = config.sightline?.tools?.names ?? [];
  const modelId = options.modelId ?? path.basename(path.resolve(dir));
  let disposed = false;
  let weights: Promise<string> | undefined;

  /** The prompt up to the answer, or up to the rationale that the model is to write before it. */
  const prepare = async (
    messages: readonly ChatMessage[],
    pictures: readonly Picture[],
    opening: readonly number[],
  ) =>
    preparePrompt([...tokenizer.encodeChat(messages), ...opening], await reader.read(pictures), {
      decoder,
      imageToken: config.image_token_index,
      contextTokens,
    });

  const start = async ({
    key,
    embeddings,
  }: PreparedPrompt): Promise<{ sequence: Sequence; reused: number }> => {
    const past = prefixes.find(key);
    const reused = past?.tokens ?? 0;
    const sequence = await engine.start(await embeddings(reused), past);
    prefixes.add(key, sequence.past);
    return { sequence, reused };
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
    const { toolCall } = tokenizer;
    const { messages: said, pictures } = await readPrompt(call.prompt, {
      signal,
      calls: toolCall !== undefined,
    });
    const { program } = toolCall ? asked : {};
    const { offer, use, warnings }: PlannedToolUse =
      toolCall && !program ? planToolUse(call, taughtTools) : { warnings: [] };
    const messages = withOffer(said, program ? offerText("program", program) : offer);
    const { opening, closeToken } = openRationale(asked.rationale, tokenizer);
    const prompt = await prepare(messages, pictures, opening);
    const contrast = asked.contrast && {
      ...asked.contrast,
      prompt: await prepare(messages, contrastPictures(pictures, asked.contrast.image), opening),
    };
    signal?.throwIfAborted();
    const { sequence, reused } = await start(prompt);
    yield {
      type: "stream-start",
      warnings: [
        ...unsupportedWarnings(call, {
          rationales: tokenizer.rationale !== undefined,
          tools: toolCall !== undefined,
        }),
        ...warnings,
      ],
    };
    yield { type: "response-metadata", modelId };

    const usage = ({ reasoning, text }: Reply["tokens"]): LanguageModelV4Usage => {
      const total = prompt.key.length;
      return {
        inputTokens: { total, noCache: total - reused, cacheRead: reused, cacheWrite: undefined },
        outputTokens: { total: reasoning + text, text, reasoning },
      };
    };
    const room = (contextTokens ?? Number.POSITIVE_INFINITY) - prompt.key.length;
    const wanted = call.maxOutputTokens ?? generation.max_new_tokens ?? defaultMaxTokens;
    const defaults = generation.do_sample ? generation : {};
    const logprobCount = logprobsOf(asked);
    const pattern = asked.regex ?? formatRegex(call);
    const writing: ReplyOptions = {
      sequence,
      contrast: contrast && { ...contrast, sequence: (await start(contrast.prompt)).sequence },
      sample: createSampler({
        temperature: call.temperature ?? (generation.do_sample ? (generation.temperature ?? 1) : 0),
        topP: call.topP ?? defaults.top_p,
        topK: call.topK ?? defaults.top_k,
        seed: call.seed ?? 0,
      }),
      createText: (kind) =>
        createTextStream({
          decode: tokenizer.decode,
          stopSequences: kind === "text" ? call.stopSequences : undefined,
        }),
      constraint: pattern === undefined ? undefined : tokenizer.constrain(pattern, endTokens),
      closeToken,
      call:
        toolCall && use
          ? {
              ...use,
              ...toolCall,
              constraint: () => tokenizer.constrain(use.pattern, [toolCall.close]),
              text: () => createTextStream({ decode: tokenizer.decode }),
            }
          : undefined,
      endTokens,
      maxTokens: Math.min(wanted, room),
      logprobs: logprobCount,
      tokenText: tokenizer.tokenText,
      signal,
    };
    const finish = (
      { finishReason, tokens, logprobs }: Reply,
      facts: JSONObject = {},
    ): LanguageModelV4StreamPart => {
      const sightline = {
        ...facts,
        ...(logprobCount === undefined ? {} : { logprobs: logprobs.map((l) => ({ ...l })) }),
      };
      const said = Object.keys(sightline).length > 0;
      return {
        type: "finish",
        finishReason,
        usage: usage(tokens),
        ...(said ? { providerMetadata: { sightline } } : {}),
      };
    };
    if (!asked.choices) {
      yield finish(yield* writeReply(writing));
      return;
    }
    let reasoning = 0;
    if (closeToken !== undefined) {
      const { closed, ...rationale } = yield* writeRationale({ ...writing, closeToken });
      reasoning = rationale.tokens;
      if (!closed) {
        yield finish({ ...rationale, tokens: { reasoning, text: 0 } });
        return;
      }
    }
    signal?.throwIfAborted();
    const answers = asked.choices.map((choice) => tokenizer.encodeAnswer(messages, choice));
    const scores = await scoreChoices(decoder, sequence, answers);
    const best = scores.indexOf(Math.max(...scores));
    yield* textParts([asked.choices[best]!]);
    yield finish(
      {
        finishReason: { unified: "stop", raw: "choice" },
        tokens: { reasoning, text: answers[best]!.length - 1 },
        logprobs: [],
      },
      { choices: asked.choices.map((choice, i) => ({ choice, logprob: scores[i]! })) },
    );
  }

  const model = streamingModel({
    ...{ provider: "sightline.local", modelId, run },
    async dispose() {
      disposed = true;
      await decoder.dispose();
    },
  });
  const declared: Capabilities = {
    tokensPerImage,
    countTokens: (text) => tokenizer.encode(text).length,
    toolCalls: taughtTools.length > 0,
    logprobs: true,
    choices: true,
    contrast: true,
    prefixCache: true,
    rationales: tokenizer.rationale !== undefined,
    weightsHash: () => {
      weights ??= folderHash(dir);
      return weights;
    },
  };
  if (taughtTools.length > 0) declared.taughtTools = taughtTools;
  if (contextTokens !== undefined) declared.contextTokens = contextTokens;
  if (config.sightline?.maxImages !== undefined) declared.maxImages = config.sightline.maxImages;
  if (config.sightline?.plainQuestions !== undefined)
    declared.plainQuestions = config.sightline.plainQuestions;
  return declareCapabilities(model, declared);
}

function contrastPictures(pictures: readonly Picture[], image: string | readonly string[]): Picture[] {
  const where = "providerOptions.sightline.contrast.image";
  if (typeof image === "string") {
    const { bytes } = parseDataUrl(image);
    return pictures.map(() => ({ bytes, where }));
  }
  if (image.length === pictures.length)
    return image.map((url) => ({ bytes: parseDataUrl(url).bytes, where }));
  const got = `${image.length} for ${pictures.length}`;
  throw new InputError({ where, rule: "must have one picture for each of the prompt's", got });
}

/** The tokens that open a rationale behind the prompt (and close a given one), and the token that will close it. */
function openRationale(
  rationale: LocalCallOptions["rationale"],
  { rationale: marks, encode }: Pick<ChatTokenizer, "rationale" | "encode">,
): { opening: number[]; closeToken?: number } {
  if (!marks || rationale === undefined || rationale === false) return { opening: [] };
  if (rationale === true) return { opening: [marks.open], closeToken: marks.close };
  return { opening: [marks.open, ...encode(` ${rationale.trim()}`), marks.close] };
}

/** The expression of a JSON answer whose schema is given. */
function formatRegex({ responseFormat }: LanguageModelV4CallOptions): string | undefined {
  if (responseFormat?.type !== "json" || !responseFormat.schema) return undefined;
  return schemaRegex(responseFormat.schema as JSONObject, "responseFormat.schema");
}

function tokenizerLimit({
  model_max_length: limit,
}: {
  model_max_length?: number | undefined;
}): number | undefined {
  // transformers writes 1e30 for "no limit".
  return limit !== undefined && limit < 1e9 ? limit : undefined;
}
