// The calls that a technique makes to the model it wraps. Every one is streamed, counted, bracketed by trace events
// and, when the inner model is itself a technique, has that technique's events hung under its own `call-start`.
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { SightlineError } from "../errors/index.ts";
import type { LanguageModel, Query, TraceEvent } from "../spec/index.ts";
import { addFacts, type CallFacts } from "./call-facts.ts";
import { createCollector, reasoningOf, textOf } from "./collect-stream.ts";
import { innerOptions, type Overrides, ownToolNames, promptFacts } from "./inner-options.ts";
import { readStream } from "./read-stream.ts";
import { eventOf } from "./trace.ts";
import { unknownUsage } from "./usage.ts";

/** The whole result of one inner call. */
export type InnerResult = LanguageModelV4GenerateResult & { text: string };

/** Thrown into a technique when the model has called one of the caller's tools: the technique is over. */
export class CallerToolCall extends SightlineError {}

type Parts = AsyncGenerator<LanguageModelV4StreamPart, InnerResult, undefined>;

export interface InnerCallsOptions {
  technique: string;
  model: LanguageModel;
  /** Options of the outer call. */
  options: LanguageModelV4CallOptions;
  query: Query;
  signal: AbortSignal;
  /** Sends a part to the output outside of what the technique yields. */
  send(part: LanguageModelV4StreamPart): void;
  trace(event: TraceEvent): void;
  warn(warnings: SharedV4Warning[]): void;
  nextId(): string;
}

/** The two ways to call the inner model, and the totals of all calls so far. */
export interface InnerCalls {
  call(overrides?: Overrides, label?: string): Promise<InnerResult>;
  forward(overrides?: Overrides, label?: string): Parts;
  totals: {
    calls: number;
    facts: CallFacts;
    usages: LanguageModelV4Usage[];
    /** Result of the last call whose parts were forwarded. */
    forwarded?: InnerResult;
    /** Set once a call to one of the caller's tools has ended the technique. */
    ended?: LanguageModelV4FinishReason;
  };
}

/** Creates the calls of one run of a technique. */
export function createInnerCalls(settings: InnerCallsOptions): InnerCalls {
  const { technique, model, query, signal, send, trace, warn, nextId } = settings;
  const totals: InnerCalls["totals"] = { calls: 0, facts: {}, usages: [] };

  async function* run(overrides: Overrides = {}, label = "answer"): Parts {
    const id = nextId();
    const event = (suffix: string, parent: string | null, type: string, data: TraceEvent["data"]) =>
      trace({ id: `${id}${suffix}`, parent, technique, type, data });
    const options = innerOptions(settings.options, overrides, query, signal);
    const collector = createCollector();
    const filter = createPartFilter(id, ownToolNames(options, settings.options));
    const slot = totals.usages.push(unknownUsage) - 1;
    totals.calls++;
    event("", null, "call-start", { label, ...promptFacts(options) });
    try {
      const { stream } = await model.doStream(options);
      for await (const part of readStream(stream)) {
        const inner = eventOf(part);
        if (inner) trace(hangUnder(id, inner));
        else {
          collector.add(part);
          if (part.type === "stream-start") warn(part.warnings);
          const kept = filter.keep(part);
          if (kept) yield kept;
        }
      }
    } catch (error) {
      event(".end", id, "call-error", { message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    const collected = collector.result();
    const text = textOf(collected.content);
    const thought = reasoningOf(collected.content);
    const result = { ...collected, text };
    const { finishReason, usage, warnings } = result;
    const inside = result.providerMetadata?.sightline ?? {};
    if (typeof inside.calls === "number") totals.calls += inside.calls - 1;
    totals.facts = addFacts(totals.facts, inside as CallFacts);
    totals.usages[slot] = usage;
    event(".end", id, "call-end", {
      ...(thought === "" ? {} : { thought }),
      text,
      finishReason: finishReason.unified,
      inputTokens: usage.inputTokens.total,
      outputTokens: usage.outputTokens.total,
      ...(warnings.length > 0 ? { warnings: warnings.map((warning) => JSON.stringify(warning)) } : {}),
    });
    if (filter.callerToolCalled() && !totals.ended) {
      totals.ended = { unified: "tool-calls", raw: finishReason.raw };
      totals.forwarded = result;
    }
    return result;
  }

  const over = () =>
    new CallerToolCall({ where: technique, rule: "ended by a call to one of the caller's tools" });

  async function* forward(overrides?: Overrides, label?: string): Parts {
    const result = yield* run(overrides, label);
    if (totals.ended) throw over();
    totals.forwarded = result;
    return result;
  }

  async function call(overrides?: Overrides, label?: string): Promise<InnerResult> {
    const parts: LanguageModelV4StreamPart[] = [];
    const running = run(overrides, label);
    for (;;) {
      const next = await running.next();
      if (!next.done) {
        parts.push(next.value);
        continue;
      }
      if (!totals.ended) return next.value;
      // Of several calls at once, only the first to end the technique is heard.
      if (totals.forwarded === next.value) for (const part of parts) send(part);
      throw over();
    }
  }

  return { call, forward, totals };
}

/** Gives the events of an inner technique ids that are unique in the outer one, below the call that caused them. */
function hangUnder(id: string, event: TraceEvent): TraceEvent {
  const parent = event.parent === null ? id : `${id}.${event.parent}`;
  return { ...event, id: `${id}.${event.id}`, parent };
}

/** Chooses the parts of an inner call that may reach the caller: not its frame, and no call to a tool of ours. */
function createPartFilter(callId: string, ownTools: ReadonlySet<string>) {
  const ownInputs = new Set<string>();
  let called = false;
  const keep = (part: LanguageModelV4StreamPart): LanguageModelV4StreamPart | undefined => {
    switch (part.type) {
      case "stream-start":
      case "finish":
        return undefined;
      case "tool-input-start":
        if (!ownTools.has(part.toolName) || part.providerExecuted) return part;
        ownInputs.add(part.id);
        return undefined;
      case "tool-input-delta":
      case "tool-input-end":
        return ownInputs.has(part.id) ? undefined : part;
      case "tool-call":
        if (part.providerExecuted) return part;
        if (ownTools.has(part.toolName)) return undefined;
        called = true;
        return part;
      case "text-start":
      case "text-delta":
      case "text-end":
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end":
        // Providers number their blocks from 0 in every call.
        return { ...part, id: `${callId}/${part.id}` };
      default:
        return part;
    }
  };
  return { keep, callerToolCalled: () => called };
}
