interface DrainOptions<T> {
  signal: AbortSignal;
  send(part: T): void;
  /** True once nothing more of the generator is wanted. */
  ended(): boolean;
}

/**
 * Runs a generator to its end and returns its value. An abort is obeyed at once, also while the generator waits for
 * something that does not listen to the signal.
 */
export async function drain<T, R>(
  generator: AsyncGenerator<T, R, undefined>,
  { signal, send, ended }: DrainOptions<T>,
): Promise<R | undefined> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  aborted.catch(() => undefined);
  try {
    for (;;) {
      const next = await Promise.race([generator.next(), aborted]);
      if (ended()) return undefined;
      if (next.done) return next.value;
      send(next.value);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: it settles only when the generator's current wait does.
    generator.return(undefined as R).catch(() => undefined);
  }
}
