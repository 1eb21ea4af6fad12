import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4Text,
} from "@ai-sdk/provider";
import { readStream } from "./read-stream.ts";
import { unknownUsage } from "./usage.ts";

/** Builds up the result of a call from its stream parts, one by one. */
export interface Collector {
  add(part: LanguageModelV4StreamPart): void;
  result(): LanguageModelV4GenerateResult;
}

/** Creates a collector. Content keeps the order in which blocks were started; an error part is thrown. */
export function createCollector(): Collector {
  const content: LanguageModelV4Content[] = [];
  const open = new Map<string, LanguageModelV4Text | LanguageModelV4Reasoning>();
  const result: LanguageModelV4GenerateResult = {
    content,
    // Holds when a stream ends without a finish part.
    finishReason: { unified: "interrupted", raw: undefined },
    usage: unknownUsage,
    warnings: [],
  };
  const start = (key: string, block: LanguageModelV4Text | LanguageModelV4Reasoning) => {
    open.set(key, block);
    content.push(block);
  };
  const add = (part: LanguageModelV4StreamPart): void => {
    switch (part.type) {
      case "text-start":
        start(`text ${part.id}`, { type: "text", text: "", ...metadata(part) });
        return;
      case "reasoning-start":
        start(`reasoning ${part.id}`, { type: "reasoning", text: "", ...metadata(part) });
        return;
      case "text-delta":
      case "reasoning-delta": {
        const block = open.get(`${part.type.slice(0, -6)} ${part.id}`);
        if (block) Object.assign(block, { text: block.text + part.delta }, metadata(part));
        return;
      }
      case "text-end":
      case "reasoning-end": {
        const key = `${part.type.slice(0, -4)} ${part.id}`;
        const block = open.get(key);
        open.delete(key);
        if (block) Object.assign(block, metadata(part));
        if (block && part.type === "text-end" && part.citations)
          Object.assign(block, { citations: part.citations });
        return;
      }
      case "tool-call":
      case "tool-result":
      case "tool-approval-request":
      case "custom":
      case "file":
      case "reasoning-file":
      case "source":
        content.push(part);
        return;
      case "stream-start":
        result.warnings = part.warnings;
        return;
      case "response-metadata": {
        const { type: _, ...response } = part;
        result.response = response;
        return;
      }
      case "finish":
        result.finishReason = part.finishReason;
        result.usage = part.usage;
        if (part.providerMetadata) result.providerMetadata = part.providerMetadata;
        return;
      case "error":
        throw part.error;
      case "tool-input-start":
      case "tool-input-delta":
      case "tool-input-end":
      case "ping":
      case "raw":
        return;
      default:
        part satisfies never;
    }
  };
  return { add, result: () => result };
}

/** Reads a stream to its end and returns what `doGenerate` would have. */
export async function collectStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
): Promise<LanguageModelV4GenerateResult> {
  const collector = createCollector();
  for await (const part of readStream(stream)) collector.add(part);
  return collector.result();
}

/** The answer: all text of a result's content. */
export function textOf(content: readonly LanguageModelV4Content[]): string {
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** What was thought before it: all reasoning of a result's content. */
export function reasoningOf(content: readonly LanguageModelV4Content[]): string {
  return content.map((part) => (part.type === "reasoning" ? part.text : "")).join("");
}

function metadata<P extends { providerMetadata?: unknown }>(part: P): Pick<P, "providerMetadata"> | object {
  return part.providerMetadata === undefined ? {} : { providerMetadata: part.providerMetadata };
}
