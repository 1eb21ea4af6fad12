// TraceEvents travel inside a model's own output, as `custom` parts: whoever holds the answer holds the trace, and no
// second channel (callback, global, async context) has to be kept in step with it.
import type {
  LanguageModelV4CustomContent,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import type { TraceEvent } from "../spec/index.ts";

type OwnPart = Extract<
  LanguageModelV4StreamPart,
  { type: "reasoning-start" | "reasoning-file" | "tool-input-start" | "tool-call" | "tool-result" }
>;

const eventKind = "sightline.event";

/** Packs an event into the part that carries it. */
export function eventPart({ id, parent, technique, type, data }: TraceEvent): LanguageModelV4CustomContent {
  const event = { id, parent, technique, type, ...(data ? { data } : {}) };
  return { type: "custom", kind: eventKind, providerMetadata: { sightline: { event } } };
}

/** The event that a part carries; undefined for every other part. */
export function eventOf(part: { type: string }): TraceEvent | undefined {
  const custom = part as { type: string; kind?: string; providerMetadata?: SharedV4ProviderMetadata };
  if (custom.type !== "custom" || custom.kind !== eventKind) return undefined;
  return custom.providerMetadata?.sightline?.event as TraceEvent | undefined;
}

/** All events of a result's content or of a list of stream parts, in order. */
export function traceEvents(parts: readonly { type: string }[]): TraceEvent[] {
  return parts.map(eventOf).filter((event) => event !== undefined);
}

/**
 * Marks a part as Sightline's own work (a rationale, a picture looked at, a tool call of an agent), so that it is
 * not sent back to a provider as the model's words when the conversation goes on.
 */
export function markOwn<P extends OwnPart>(part: P, technique: string): P {
  const sightline = { ...part.providerMetadata?.sightline, own: technique };
  return { ...part, providerMetadata: { ...part.providerMetadata, sightline } };
}
