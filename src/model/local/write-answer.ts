// Writes one text (an answer, the rationale before it, a call of a tool) token by token: picks a token, shows the text that has
// become certain, and stops at an end token, a stop sequence or the token limit.
import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { Constraint } from "./constrain.ts";
import { contrastLogits } from "./contrast.ts";
import type { Sequence } from "./engine.ts";
import { logSoftmax, topTokens } from "./sample.ts";
import type { TextStream } from "./text-stream.ts";

/** A written token, its log-probability and those of the most likely tokens at its place. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  top: { token: string; logprob: number }[];
}

/** What is written is read from here; any model that gives logits and reads a token will do. */
export type Writable = Pick<Sequence, "logits" | "step">;

export interface WriteOptions {
  sequence: Writable;
  /** The same prompt without its pictures, and how strongly it counts against. */
  contrast?: { sequence: Writable; alpha: number; beta: number } | undefined;
  sample(logits: Float32Array): number;
  /** What may be written; undefined is anything. */
  constraint?: Constraint | undefined;
  text: TextStream;
  endTokens: ReadonlySet<number>;
  maxTokens: number;
  /** How many alternatives to report a token with; undefined reports nothing. */
  logprobs?: number | undefined;
  tokenText(id: number): string;
  signal?: AbortSignal | undefined;
}

export interface Written {
  finishReason: LanguageModelV4FinishReason;
  /** Tokens of the answer, its end token not counted. */
  tokens: number;
  logprobs: TokenLogprob[];
  /** The end token that was written, when one was. */
  endToken?: number;
}

/** Yields pieces of text; returns what is to be said about the whole. */
export async function* writeAnswer(options: WriteOptions): AsyncGenerator<string, Written, undefined> {
  const { sequence, contrast, constraint, sample, text, endTokens, maxTokens, tokenText, signal } = options;
  const logprobs: TokenLogprob[] = [];
  let tokens = 0;
  const finish = (unified: "stop" | "length", raw: string): Written => ({
    finishReason: { unified, raw },
    tokens,
    logprobs,
  });
  while (tokens < maxTokens) {
    signal?.throwIfAborted();
    const free = contrast
      ? contrastLogits(sequence.logits, contrast.sequence.logits, contrast)
      : sequence.logits;
    const logits = constraint ? constraint.mask(free) : free;
    const id = sample(logits);
    if (endTokens.has(id)) {
      const rest = text.end();
      if (rest !== "") yield rest;
      return { ...finish("stop", "end-token"), endToken: id };
    }
    tokens++;
    constraint?.push(id);
    if (options.logprobs !== undefined) {
      const all = logSoftmax(logits);
      const top = topTokens(all, options.logprobs).map((entry) => ({
        token: tokenText(entry.id),
        logprob: entry.logprob,
      }));
      logprobs.push({ token: tokenText(id), logprob: all[id]!, top });
    }
    const piece = text.push(id);
    if (piece.text !== "") yield piece.text;
    if (piece.stopped) return finish("stop", "stop-sequence");
    if (tokens === maxTokens) break;
    signal?.throwIfAborted();
    await Promise.all([sequence.step(id), contrast?.sequence.step(id)]);
  }
  const rest = text.end();
  if (rest !== "") yield rest;
  return finish("length", "max-tokens");
}
