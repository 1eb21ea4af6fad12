// Group commit: items that arrive close together are written in one transaction, because a durable commit costs about
// a millisecond whatever it holds. An item is acknowledged (its promise resolves) only after its commit.

/** Collects items and writes them in groups. */
export interface GroupWriter<T> {
  /** Resolves once the item is committed. */
  add(item: T): Promise<void>;
  /** Resolves when there is room for another item, so that a fast source cannot outrun the disk. */
  ready(): Promise<void>;
  /** Writes what is waiting, and waits for it. */
  flush(): Promise<void>;
}

export interface GroupWriterOptions<T> {
  /** Writes a group, all or nothing. */
  write(items: readonly T[]): Promise<void>;
  /** Most items in a group. @default 100 */
  most?: number;
  /** Longest wait of an item before its group is written. @default 20 */
  waitMs?: number;
}

interface Waiting<T> {
  item: T;
  resolve(): void;
  reject(error: unknown): void;
}

/** Creates a group writer. After a failed write every further item fails with the same error. */
export function createGroupWriter<T>({
  write,
  most = 100,
  waitMs = 20,
}: GroupWriterOptions<T>): GroupWriter<T> {
  let waiting: Waiting<T>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let broken: { error: unknown } | undefined;

  const writeAll = async () => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        if (broken) throw broken.error;
        await write(group.map(({ item }) => item));
        for (const { resolve } of group) resolve();
      } catch (error) {
        broken ??= { error };
        for (const { reject } of group) reject(error);
      }
    }
  };
  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (waiting.length > 0) schedule();
    });
    return writing;
  };
  const schedule = () => {
    if (waiting.length >= most) void start();
    else timer ??= setTimeout(start, waitMs);
  };
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      }),
    async ready() {
      while (waiting.length >= 2 * most && writing) await writing;
    },
    async flush() {
      while (waiting.length > 0 || writing) await start();
    },
  };
}
