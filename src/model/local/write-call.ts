// A call of a tool stands between two tokens of its own. Whether the model calls is its first token; what it writes between
// the two is held to the tools' schemas, so that it can always be read.

import { randomUUID } from "node:crypto";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Constraint } from "./constrain.ts";
import type { TextStream } from "./text-stream.ts";
import type { ToolUse } from "./tool-use.ts";
import { type WriteOptions, type Written, writeAnswer } from "./write-answer.ts";

/** How calls are written. */
export interface CallWriting extends ToolUse {
  /** The tokens around a call. */
  open: number;
  close: number;
  constraint(): Constraint;
  text(): TextStream;
}

/** True when what comes next is a call. */
export function beginsCall(
  { sequence, sample }: Pick<WriteOptions, "sequence" | "sample">,
  { choice, open }: CallWriting,
): boolean {
  return choice === "required" || (choice === "auto" && sample(sequence.logits) === open);
}

/** Picks among all tokens but the one that opens a call. */
export function withoutCalls(sample: WriteOptions["sample"], { open }: CallWriting): WriteOptions["sample"] {
  return (logits) => {
    const others = logits.slice();
    others[open] = Number.NEGATIVE_INFINITY;
    return sample(others);
  };
}

/** Writes a call; one that the token limit cuts short is none, and the finish reason says so. */
export async function* writeCall(
  options: Omit<WriteOptions, "text" | "constraint">,
  writing: CallWriting,
): AsyncGenerator<LanguageModelV4StreamPart, Written, undefined> {
  const { sequence, contrast } = options;
  await Promise.all([sequence.step(writing.open), contrast?.sequence.step(writing.open)]);
  const pieces = writeAnswer({
    ...options,
    text: writing.text(),
    constraint: writing.constraint(),
    endTokens: new Set([writing.close]),
  });
  let text = "";
  for (;;) {
    const next = await pieces.next();
    if (!next.done) {
      text += next.value;
      continue;
    }
    const written = next.value;
    if (written.endToken === undefined) return written;
    const { name, input } = writing.read(text);
    yield { type: "tool-call", toolCallId: randomUUID(), toolName: name, input: JSON.stringify(input) };
    return { ...written, finishReason: { unified: "tool-calls", raw: "tool-call" } };
  }
}
