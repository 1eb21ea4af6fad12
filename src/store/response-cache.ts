// Answers of models by the content address of the call. A cache may lose its last entries in a crash, so nothing waits
// for its commits.
import { createGroupWriter } from "./group-writer.ts";
import type { Store } from "./open-store.ts";

/** Remembers values by key. */
export interface ResponseCache {
  get(key: string): Promise<string | undefined>;
  /** Remembers a value soon. */
  put(key: string, value: string): void;
  /** Waits until everything is written. */
  flush(): Promise<void>;
}

/** The response cache of a store. A write that fails is dropped: the call can be made again. */
export function createResponseCache(store: Store): ResponseCache {
  const fresh = new Map<string, string>();
  const writer = createGroupWriter<{ key: string; value: string }>({
    waitMs: 100,
    async write(entries) {
      const created = new Date().toISOString();
      await store.db
        .insertInto("responses")
        .values([...new Map(entries.map((entry) => [entry.key, { ...entry, created }])).values()])
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  });
  return {
    async get(key) {
      const waiting = fresh.get(key);
      if (waiting !== undefined) return waiting;
      const row = await store.db
        .selectFrom("responses")
        .select("value")
        .where("key", "=", key)
        .executeTakeFirst();
      return row?.value;
    },
    put(key, value) {
      fresh.set(key, value);
      const done = () => fresh.delete(key);
      writer.add({ key, value }).then(done, done);
    },
    flush: () => writer.flush(),
  };
}
