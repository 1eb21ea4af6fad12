// AbortSignal.any and AbortSignal.timeout leave something behind for every call on a signal that lives long: a million
// questions under one stop signal would fill the memory. A linked controller is cut loose when its work is done.

/** A controller that aborts with its parent. */
export interface LinkedController {
  signal: AbortSignal;
  abort(reason?: unknown): void;
  /** Ends the link and the time limit. */
  release(): void;
}

/** Creates a controller below a signal. @param timeoutMs aborts with a TimeoutError after so long */
export function linkedController(parent: AbortSignal | undefined, timeoutMs?: number): LinkedController {
  const controller = new AbortController();
  const onAbort = () => controller.abort(parent!.reason);
  if (parent?.aborted) onAbort();
  else parent?.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(new DOMException("The time is up.", "TimeoutError")), timeoutMs);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release() {
      clearTimeout(timer);
      parent?.removeEventListener("abort", onAbort);
    },
  };
}
