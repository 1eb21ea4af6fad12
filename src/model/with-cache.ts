// Answers that were given once are not asked for again. The cache sits right around the model, below all techniques,
// so that every inner call profits. A replayed answer says so, and says what the first one took: latency in a table
// stays that of the model.
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { LanguageModel } from "../spec/index.ts";
import type { CallFacts } from "./call-facts.ts";
import { callKey, isRepeatable, promptHash } from "./call-key.ts";
import { wrapModel } from "./capabilities.ts";
import { collectStream } from "./collect-stream.ts";
import { readStream, toStream } from "./read-stream.ts";

/** Where answers are kept; `store/` has one. */
export interface AnswerCache {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): void;
}

export interface CacheOptions {
  /** Absent: calls are named but not remembered. */
  cache?: AnswerCache;
  /** Names the model and its weights. */
  modelKey: string;
}

interface Entry {
  parts: LanguageModelV4StreamPart[];
  ms: number;
}

/** Wraps a model so that the same call is made once; each answer carries the hash of its prompt. */
export function withCache(model: LanguageModel, { cache, modelKey }: CacheOptions): LanguageModel {
  const doStream: LanguageModel["doStream"] = async (options) => {
    const hash = await promptHash(options.prompt);
    const key = cache && isRepeatable(options) ? await callKey(modelKey, options) : undefined;
    const known = key === undefined ? undefined : await cache!.get(key);
    options.abortSignal?.throwIfAborted();
    if (known !== undefined) {
      const { parts, ms } = JSON.parse(known) as Entry;
      return { stream: toStream(replay(parts.map(revive), { hash, ms })) };
    }
    const remember = (entry: Entry) => {
      if (key !== undefined) cache!.put(key, JSON.stringify(entry));
    };
    return { stream: toStream(record(model, options, { hash, remember })) };
  };
  return wrapModel(model, {
    doStream,
    doGenerate: async (options) => collectStream((await doStream(options)).stream),
  });
}

async function* replay(
  parts: readonly LanguageModelV4StreamPart[],
  { hash, ms }: { hash: string; ms: number },
): AsyncGenerator<LanguageModelV4StreamPart> {
  for (const part of parts) yield withFacts(part, { promptHashes: [hash], cachedCalls: 1, savedMs: ms });
}

async function* record(
  model: LanguageModel,
  options: LanguageModelV4CallOptions,
  { hash, remember }: { hash: string; remember(entry: Entry): void },
): AsyncGenerator<LanguageModelV4StreamPart> {
  const start = performance.now();
  const parts: LanguageModelV4StreamPart[] = [];
  let isWhole = false;
  const { stream } = await model.doStream(options);
  for await (const part of readStream(stream)) {
    merge(parts, part);
    if (part.type === "finish") isWhole = part.finishReason.unified !== "error";
    if (part.type === "finish" && isWhole && parts.every(isPlain))
      remember({ parts, ms: performance.now() - start });
    yield withFacts(part, { promptHashes: [hash] });
  }
}

/** Adds a part; words that follow each other become one. */
function merge(parts: LanguageModelV4StreamPart[], part: LanguageModelV4StreamPart): void {
  const last = parts.at(-1);
  const isWord = part.type === "text-delta" || part.type === "reasoning-delta";
  if (isWord && last?.type === part.type && last.id === part.id && !part.providerMetadata)
    parts[parts.length - 1] = { ...last, delta: last.delta + part.delta };
  else if (part.type !== "raw" && part.type !== "ping") parts.push(part);
}

/** True for parts that JSON can hold: no errors, no bytes. */
function isPlain(part: LanguageModelV4StreamPart): boolean {
  return part.type !== "error" && part.type !== "file" && part.type !== "reasoning-file";
}

/** JSON turns dates into text. */
function revive(part: LanguageModelV4StreamPart): LanguageModelV4StreamPart {
  if (part.type !== "response-metadata" || part.timestamp === undefined) return part;
  return { ...part, timestamp: new Date(part.timestamp) };
}

function withFacts(part: LanguageModelV4StreamPart, facts: CallFacts): LanguageModelV4StreamPart {
  if (part.type !== "finish") return part;
  const { providerMetadata } = part;
  const sightline = { ...providerMetadata?.sightline, ...facts };
  return { ...part, providerMetadata: { ...providerMetadata, sightline } };
}
