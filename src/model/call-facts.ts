/** What is known of the model calls behind an answer, in `providerMetadata.sightline` of its end. */
export type CallFacts = {
  /** Content address of every prompt, in order. */
  promptHashes?: string[];
  /** Calls that were answered from a cache. */
  cachedCalls?: number;
  /** What those took when they were made, in milliseconds. */
  savedMs?: number;
};

/** The facts of two calls together; what neither says stays unsaid. */
export function addFacts(a: CallFacts, b: CallFacts): CallFacts {
  const sum = (x?: number, y?: number) =>
    x === undefined && y === undefined ? undefined : (x ?? 0) + (y ?? 0);
  const cachedCalls = sum(a.cachedCalls, b.cachedCalls);
  const savedMs = sum(a.savedMs, b.savedMs);
  const promptHashes = [...(a.promptHashes ?? []), ...(b.promptHashes ?? [])];
  return {
    ...(promptHashes.length > 0 ? { promptHashes } : {}),
    ...(cachedCalls === undefined ? {} : { cachedCalls }),
    ...(savedMs === undefined ? {} : { savedMs }),
  };
}
