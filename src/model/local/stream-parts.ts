// From a generator to the AI SDK's stream of parts.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** Wraps pieces of text in the parts of one text block; no pieces, no block. */
export async function* textParts<R>(
  pieces: Iterable<string, R> | AsyncIterable<string, R>,
): AsyncGenerator<LanguageModelV4StreamPart, R | undefined, undefined> {
  const id = "0";
  let open = false;
  const iterator =
    Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done) {
      if (open) yield { type: "text-end", id };
      return next.value;
    }
    if (!open) yield { type: "text-start", id };
    open = true;
    yield { type: "text-delta", id, delta: next.value };
  }
}
