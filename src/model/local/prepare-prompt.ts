// A prompt ready for the decoder: its tokens with every picture as so many image tokens as it has features, their
// embeddings with the features in those places, and a key that tells equal beginnings of prompts from different ones.
import { InputError } from "../../errors/index.ts";
import type { Decoder } from "./decode.ts";
import type { PictureFeatures } from "./pictures.ts";

export interface PreparedPrompt {
  /** One number a token; a picture's tokens carry the picture's own number instead of the image token's. */
  key: number[];
  /** Embeddings of the tokens from `start` on, [tokens, hiddenSize]. */
  embeddings(start: number): Promise<Float32Array>;
}

export interface PrepareOptions {
  decoder: Decoder;
  imageToken: number;
  /** Prompt and answer together; undefined is no limit. */
  contextTokens?: number | undefined;
}

/** Puts pictures into the places of the image tokens. */
export function preparePrompt(
  ids: readonly number[],
  pictures: readonly PictureFeatures[],
  { decoder, imageToken, contextTokens = Number.POSITIVE_INFINITY }: PrepareOptions,
): PreparedPrompt {
  const { hiddenSize } = decoder;
  const places = ids.filter((id) => id === imageToken).length;
  if (places !== pictures.length) {
    throw new InputError({
      where: "local.prompt",
      rule: `chat template must show every picture once (${pictures.length})`,
      got: `${places} image tokens`,
      hint: "This model's template does not take pictures in these messages.",
    });
  }
  const tokens: number[] = [];
  const key: number[] = [];
  const spans: { at: number; features: Float32Array }[] = [];
  for (const id of ids) {
    if (id !== imageToken) {
      tokens.push(id);
      key.push(id);
      continue;
    }
    const { id: picture, features } = pictures[spans.length]!;
    spans.push({ at: tokens.length, features });
    for (let i = 0; i < features.length / hiddenSize; i++) {
      tokens.push(imageToken);
      key.push(-1 - picture);
    }
  }
  if (tokens.length >= contextTokens) {
    const count = pictures.length === 1 ? "1 picture" : `${pictures.length} pictures`;
    throw new InputError({
      where: "local.prompt",
      rule: `must leave room for an answer in a context of ${contextTokens} tokens`,
      got: `${tokens.length} tokens with ${count}`,
      hint: "Show fewer pictures or a shorter text; with equip, name fewer tools.",
    });
  }
  return {
    key,
    async embeddings(start) {
      const rows = await decoder.embed(tokens.slice(start));
      for (const { at, features } of spans) {
        const skip = Math.max(0, start - at) * hiddenSize;
        if (skip < features.length) rows.set(features.subarray(skip), Math.max(0, at - start) * hiddenSize);
      }
      return rows;
    },
  };
}
