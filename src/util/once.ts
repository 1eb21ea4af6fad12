/** Runs a job when it is first asked for, once for all who ask; a job that failed is run again by the next. */
export function once<T>(job: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= job().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

/** The same for a job with a name: each name's job runs once. */
export function onceEach<T>(job: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const jobs = new Map<string, () => Promise<T>>();
  return (name) => {
    const known = jobs.get(name) ?? once(() => job(name));
    jobs.set(name, known);
    return known();
  };
}
