// Names for what a model is asked: two calls with the same key would be answered alike. Pictures count by content, so
// a file that is replaced under the same name is another call.
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { canonicalJson } from "../util/canonical-json.ts";
import { contentAddress } from "./content-address.ts";

/** Content address of a prompt. */
export async function promptHash(prompt: LanguageModelV4Prompt): Promise<string> {
  return contentAddress(await withHashedBytes(prompt));
}

/** Content address of a whole call to the model of this name: prompt, sampling, tools, format and own options. */
export async function callKey(model: string, options: LanguageModelV4CallOptions): Promise<string> {
  const { abortSignal: _, headers: __, includeRawChunks: ___, providerOptions, ...rest } = options;
  const { sightline, ...others } = providerOptions ?? {};
  // The query is for techniques; a model never sees it.
  const { query: ____, ...ours } = sightline ?? {};
  return contentAddress(
    await withHashedBytes({ model, ...rest, providerOptions: { ...others, sightline: ours } }),
  );
}

/** True when the answer of a call may be used again: it is not drawn by chance, or the draw is seeded. */
export function isRepeatable({ temperature, seed }: LanguageModelV4CallOptions): boolean {
  return temperature === 0 || seed !== undefined;
}

async function withHashedBytes(value: unknown): Promise<string> {
  const hashes = new Map<Uint8Array, string>();
  const collect: Promise<unknown>[] = [];
  canonicalJson(value, (inner) => {
    if (!(inner instanceof Uint8Array)) return inner;
    collect.push(contentAddress(inner).then((hash) => hashes.set(inner, hash)));
    return null;
  });
  await Promise.all(collect);
  return canonicalJson(value, (inner) => (inner instanceof Uint8Array ? hashes.get(inner) : inner));
}
