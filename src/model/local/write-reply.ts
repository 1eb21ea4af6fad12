// A reply is a rationale, when one is asked for, and then the answer. The model writes both in one go; a token of its own
// closes the rationale. Where tools are on offer, a call of one may stand in the answer's place. What stands before that token is reasoning, never answer: a rationale that the token limit cuts,
// or that ends without being closed, leaves the answer empty instead of passing for one.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { textParts } from "./stream-parts.ts";
import type { TextStream } from "./text-stream.ts";
import { type TokenLogprob, type WriteOptions, type Written, writeAnswer } from "./write-answer.ts";
import { beginsCall, type CallWriting, withoutCalls, writeCall } from "./write-call.ts";

export interface ReplyOptions extends Omit<WriteOptions, "text"> {
  /** Makes the text of the rationale (without stop sequences) or of the answer. */
  createText(kind: "reasoning" | "text"): TextStream;
  /** Closes the rationale that the prompt has opened; undefined writes the answer at once. */
  closeToken?: number | undefined;
  /** How calls are written, where tools are on offer. */
  call?: CallWriting | undefined;
}

/** What is to be said of a reply as a whole. */
export interface Reply {
  finishReason: Written["finishReason"];
  /** Tokens of each, end tokens not counted. */
  tokens: { reasoning: number; text: number };
  /** Of rationale and answer, in order. */
  logprobs: TokenLogprob[];
}

/** Writes the rationale up to its closing token, and reads that token. */
export async function* writeRationale(
  options: ReplyOptions & { closeToken: number },
): AsyncGenerator<LanguageModelV4StreamPart, Written & { closed: boolean }, undefined> {
  const { sequence, contrast, closeToken, endTokens } = options;
  const pieces = writeAnswer({
    ...options,
    constraint: undefined,
    text: options.createText("reasoning"),
    endTokens: new Set([...endTokens, closeToken]),
  });
  const written = (yield* textParts(pieces, { kind: "reasoning", id: "rationale" }))!;
  const closed = written.endToken === closeToken;
  if (closed) await Promise.all([sequence.step(closeToken), contrast?.sequence.step(closeToken)]);
  return { ...written, closed };
}

/** Yields the parts of a whole reply. */
export async function* writeReply(
  options: ReplyOptions,
): AsyncGenerator<LanguageModelV4StreamPart, Reply, undefined> {
  const { closeToken } = options;
  let { maxTokens } = options;
  let before: Pick<Written, "tokens" | "logprobs"> = { tokens: 0, logprobs: [] };
  if (closeToken !== undefined) {
    const rationale = yield* writeRationale({ ...options, closeToken });
    before = rationale;
    if (!rationale.closed) {
      const { finishReason, tokens, logprobs } = rationale;
      return { finishReason, tokens: { reasoning: tokens, text: 0 }, logprobs };
    }
    maxTokens -= rationale.tokens;
  }
  const { call } = options;
  const written =
    call && beginsCall(options, call)
      ? yield* writeCall({ ...options, maxTokens }, call)
      : (yield* textParts(
          writeAnswer({
            ...options,
            maxTokens,
            sample: call ? withoutCalls(options.sample, call) : options.sample,
            text: options.createText("text"),
          }),
        ))!;
  return {
    finishReason: written.finishReason,
    tokens: { reasoning: before.tokens, text: written.tokens },
    logprobs: [...before.logprobs, ...written.logprobs],
  };
}
