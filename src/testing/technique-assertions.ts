import assert from "node:assert/strict";
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { TraceEvent } from "../spec/index.ts";

/** One frame around the parts, and every piece inside its own block. */
export function assertWellFormed(parts: LanguageModelV4StreamPart[]): void {
  const count = (type: string) => parts.filter((part) => part.type === type).length;
  assert.equal(parts[0]?.type, "stream-start");
  assert.equal(parts.at(-1)?.type, "finish");
  assert.equal(count("stream-start"), 1, "one stream-start");
  assert.equal(count("finish"), 1, "one finish");
  assert.equal(count("error"), 0, "no error");
  const open = new Set<string>();
  for (const part of parts) {
    const match = /^(text|reasoning)-(start|delta|end)$/.exec(part.type);
    if (!match || !("id" in part)) continue;
    const key = `${match[1]} ${part.id}`;
    if (match[2] === "start") assert.ok(!open.has(key), `${key} is started once`);
    else assert.ok(open.has(key), `${part.type} of ${key} lies between its start and end`);
    if (match[2] === "start") open.add(key);
    if (match[2] === "end") open.delete(key);
  }
  assert.deepEqual([...open], [], "every block is ended");
}

/** Unique ids, and every event below one that came before it. */
export function assertTree(events: TraceEvent[]): void {
  assert.ok(events.length > 0, "there must be events");
  const seen = new Set<string>();
  for (const { id, parent, technique, type } of events) {
    assert.ok(!seen.has(id), `event id ${id} is unique`);
    assert.ok(parent === null || seen.has(parent), `the parent ${parent} of ${id} comes before it`);
    assert.match(type, /^[a-z]+(-[a-z]+)+$/, "types are hyphenated noun-verb");
    assert.notEqual(technique, "");
    seen.add(id);
  }
}

/** A call-end belongs to the innermost model when nothing but itself hangs under its call-start. */
export function isLeaf(end: TraceEvent, events: TraceEvent[], parents: ReadonlySet<string | null>): boolean {
  return (
    end.parent !== null &&
    parents.has(end.parent) &&
    !events.some((event) => event.parent === end.parent && event.type === "call-start")
  );
}

/** The token counts of a call-end event. */
export function usageOf(data: TraceEvent["data"]) {
  const count = (value: unknown) => (typeof value === "number" ? value : undefined);
  const none = { noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
  return {
    inputTokens: { total: count(data?.inputTokens), ...none },
    outputTokens: { total: count(data?.outputTokens), text: undefined, reasoning: undefined },
  };
}

/** Nothing in a prompt that Sightline said in an earlier turn, except the answers. */
export function assertNoOwnParts(prompt: LanguageModelV4CallOptions["prompt"]): void {
  for (const message of prompt) {
    if (message.role !== "assistant" && message.role !== "tool") continue;
    for (const part of message.content) {
      assert.notEqual(part.type, "custom", "a trace event was sent back to the model");
      const options = "providerOptions" in part ? part.providerOptions : undefined;
      assert.equal(options?.sightline?.own, undefined, `a ${part.type} of ours was sent back to the model`);
      assert.ok(
        !(part.type === "tool-call" && part.providerExecuted),
        "a tool call of ours was sent back to the model",
      );
    }
  }
}
