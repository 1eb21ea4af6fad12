/** Reads a stream as an async generator; leaving the loop early cancels the stream. */
export async function* readStream<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) {
        done = true;
        return;
      }
      yield next.value;
    }
  } catch (error) {
    done = true;
    throw error;
  } finally {
    if (!done) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

/**
 * A stream whose parts are made when they are asked for; a reader that leaves ends the making. `first` is a part that
 * was taken from the generator already.
 */
export function toStream<T>(parts: AsyncGenerator<T, void, undefined>, first?: T): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      if (first !== undefined) controller.enqueue(first);
    },
    async pull(controller) {
      const next = await parts.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await parts.return();
    },
  });
}
