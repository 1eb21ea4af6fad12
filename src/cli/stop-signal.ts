/** Runs something with a signal that the first Ctrl-C fires; a second Ctrl-C ends the process as usual. */
export async function withStopSignal<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(new DOMException("Stopped with Ctrl-C.", "AbortError"));
  process.once("SIGINT", stop);
  try {
    return await run(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}
