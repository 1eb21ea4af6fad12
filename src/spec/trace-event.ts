import type { JSONValue } from "@ai-sdk/provider";

/**
 * One thing a technique did on the way, carried as a `custom` stream part of kind `sightline.event` in
 * `providerMetadata.sightline.event`. Pictures appear as content hashes only.
 */
export interface TraceEvent {
  /** Unique within one call of the outermost technique. */
  id: string;
  /** Event that this one happened inside of; null at the top. */
  parent: string | null;
  /** Name of the technique that reports it, such as "vote". */
  technique: string;
  /** Hyphenated noun-verb: "call-start", "call-end", "demos-chosen". */
  type: string;
  data?: { [key: string]: JSONValue | undefined };
}
