import { InternalError } from "../errors/index.ts";
import type { TraceEvent } from "../spec/index.ts";

/** Puts the events so far on an error, as its property `events`; wraps what cannot take a property. */
export function withEvents(error: unknown, where: string, events: readonly TraceEvent[]): object {
  const carrier =
    typeof error === "object" && error !== null && Object.isExtensible(error)
      ? error
      : new InternalError({ where, rule: "the model failed", got: String(error), cause: error });
  Object.defineProperty(carrier, "events", { value: [...events], configurable: true, writable: true });
  return carrier;
}

/** The events that a technique had reported when it failed. */
export function errorEvents(error: unknown): TraceEvent[] {
  const events = (error as { events?: unknown } | null | undefined)?.events;
  return Array.isArray(events) ? (events as TraceEvent[]) : [];
}
