// A technique is a function from a model to a model. This helper turns one async generator into such a model: doStream
// streams what the generator yields and doGenerate collects the same stream, so the two cannot differ. Around the
// generator it does what every technique owes its caller: own parts of earlier turns are stripped, usage is summed, the
// caller's tool calls end the run, aborts are obeyed at once, and an error carries the events so far.
import type {
  JSONObject,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from "@ai-sdk/provider";
import type { Capabilities, LanguageModel, Query, Technique, TraceEvent } from "../spec/index.ts";
import { linkedController } from "../util/linked-controller.ts";
import { callQuery } from "./call-query.ts";
import { capabilities, wrapModel } from "./capabilities.ts";
import { collectStream } from "./collect-stream.ts";
import { drain } from "./drain.ts";
import { withEvents } from "./error-events.ts";
import { createInnerCalls, type InnerCalls } from "./inner-calls.ts";
import { stripOwnParts } from "./strip-own-parts.ts";
import { declareTechnique } from "./technique-spec.ts";
import { eventPart } from "./trace.ts";
import { sumUsage } from "./usage.ts";

/** What a technique has at hand while it serves one call. */
export interface TechniqueContext extends Pick<InnerCalls, "call" | "forward"> {
  /** Options of the call; the prompt is free of Sightline's parts of earlier turns. */
  options: LanguageModelV4CallOptions;
  /** What may be known of the question; never its answer. */
  query: Query;
  capabilities: Capabilities;
  /** Fires when the caller aborts, stops reading, or the technique has ended. */
  signal: AbortSignal;
  /** Adds a TraceEvent to the output and returns its id. */
  emit(type: string, data?: TraceEvent["data"], parent?: string): string;
}

/** What a technique may say about its end. By default both are those of the last forwarded inner call. */
export interface TechniqueEnd {
  finishReason?: LanguageModelV4FinishReason;
  providerMetadata?: SharedV4ProviderMetadata;
}

/** One run of a technique: yields the parts of its output; the answer is the only text. */
export type TechniqueRun = (
  context: TechniqueContext,
) =>
  | AsyncGenerator<LanguageModelV4StreamPart, TechniqueEnd, undefined>
  | AsyncGenerator<LanguageModelV4StreamPart, void, undefined>;

/** What the helper must know before a call. */
export interface TechniqueNeeds {
  /** The technique looks at pictures, so that none may be passed on as a URL. @default false */
  imageBytes?: boolean;
  /** Throws when the technique goes around a model that cannot do what it needs. */
  check?(model: Capabilities): void;
}

/**
 * Makes a technique.
 * @example
 * const polite = technique("polite", {}, async function* ({ options, forward }) {
 *   yield* forward({ prompt: [{ role: "system", content: "Be polite." }, ...options.prompt] });
 * });
 */
export function technique(
  name: string,
  options: JSONObject,
  run: TechniqueRun,
  { imageBytes = false, check }: TechniqueNeeds = {},
): Technique {
  return (model) => {
    check?.(capabilities(model));
    const start = async (given: LanguageModelV4CallOptions) => {
      given.abortSignal?.throwIfAborted();
      const call = { ...given, prompt: stripOwnParts(given.prompt) };
      return startRun({ name, run, model, options: call, query: await callQuery(call) });
    };
    const wrapped = wrapModel(model, {
      doStream: async (call) => ({ stream: await start(call) }),
      doGenerate: async (call) => collectStream(await start(call)),
      ...(imageBytes ? { supportedUrls: {} } : {}),
    });
    return declareTechnique(wrapped, { name, options, inner: model });
  };
}

interface Run {
  name: string;
  run: TechniqueRun;
  model: LanguageModel;
  options: LanguageModelV4CallOptions;
  query: Query;
}

function startRun({ name, run, model, options, query }: Run): ReadableStream<LanguageModelV4StreamPart> {
  const own = linkedController(options.abortSignal);
  const { signal } = own;
  let lastId = 0;
  const nextId = () => String(++lastId);
  const events: TraceEvent[] = [];

  const pump = async (controller: ReadableStreamDefaultController<LanguageModelV4StreamPart>) => {
    // Parts wait until the first inner call has said what it cannot do: warnings belong to the opening part.
    let waiting: LanguageModelV4StreamPart[] | undefined = [];
    const open = (warnings: SharedV4Warning[] = []) => {
      if (!waiting) return;
      controller.enqueue({ type: "stream-start", warnings });
      for (const part of waiting) controller.enqueue(part);
      waiting = undefined;
    };
    const trace = (event: TraceEvent) => {
      if (signal.aborted) return;
      events.push(event);
      if (waiting) waiting.push(eventPart(event));
      else controller.enqueue(eventPart(event));
    };
    const send = (part: LanguageModelV4StreamPart) => {
      if (signal.aborted) return;
      open();
      controller.enqueue(part);
    };
    const emit: TechniqueContext["emit"] = (type, data, parent) => {
      const id = nextId();
      trace({ id, parent: parent ?? null, technique: name, type, ...(data ? { data } : {}) });
      return id;
    };
    const inner = createInnerCalls({
      technique: name,
      model,
      options,
      query,
      signal,
      send,
      trace,
      warn: open,
      nextId,
    });
    const { call, forward, totals } = inner;
    const finish = (finishReason: LanguageModelV4FinishReason, metadata: SharedV4ProviderMetadata = {}) => {
      const sightline = { ...metadata.sightline, ...totals.facts, calls: totals.calls };
      const usage = sumUsage(totals.usages);
      send({ type: "finish", finishReason, usage, providerMetadata: { ...metadata, sightline } });
      controller.close();
      own.abort();
      own.release();
    };
    const context = { options, query, capabilities: capabilities(model), signal, call, forward, emit };
    try {
      const generator = run(context) as AsyncGenerator<LanguageModelV4StreamPart, TechniqueEnd | undefined>;
      const end = await drain(generator, { signal, send, ended: () => totals.ended !== undefined });
      const { forwarded } = totals;
      finish(
        totals.ended ?? end?.finishReason ?? forwarded?.finishReason ?? { unified: "stop", raw: undefined },
        (totals.ended ? undefined : end?.providerMetadata) ?? forwarded?.providerMetadata,
      );
    } catch (error) {
      if (totals.ended) return finish(totals.ended, totals.forwarded?.providerMetadata);
      if (signal.aborted) {
        own.release();
        return controller.error(withEvents(signal.reason, name, events));
      }
      send({ type: "error", error: withEvents(error, name, events) });
      finish({ unified: "error", raw: undefined });
    }
  };
  return new ReadableStream({
    start: (controller) => void pump(controller),
    cancel(reason) {
      own.abort(reason);
      own.release();
    },
  });
}
