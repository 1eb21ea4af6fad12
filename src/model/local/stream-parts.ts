// From a generator to the AI SDK's stream of parts.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** Wraps pieces of text in the parts of one block of text or reasoning; no pieces, no block. */
export async function* textParts<R>(
  pieces: Iterable<string, R> | AsyncIterable<string, R>,
  { kind = "text", id = "0" }: { kind?: "text" | "reasoning"; id?: string } = {},
): AsyncGenerator<LanguageModelV4StreamPart, R | undefined, undefined> {
  let open = false;
  const iterator =
    Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done) {
      if (open) yield { type: `${kind}-end`, id };
      return next.value;
    }
    if (!open) yield { type: `${kind}-start`, id };
    open = true;
    yield { type: `${kind}-delta`, id, delta: next.value };
  }
}
