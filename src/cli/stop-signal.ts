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

/** Runs something that keeps what it has done when it is stopped, and says so; undefined when it was. */
export async function resumable<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  return withStopSignal(async (signal) => {
    try {
      return await run(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      console.error("stopped; the same command goes on from there");
      process.exitCode = 130;
      return undefined;
    }
  });
}
