// What a run of generation has done, one line for each finished call, forced to disk before it counts. A run that was
// cut off reads it back; a line that was cut in half is a call to make again.
import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import type { Reject } from "./read-output.ts";

/** One finished call. */
export interface JournalEntry {
  key: string;
  samples: Sample[];
  rejects: Reject[];
  cost: number;
}

export interface Journal {
  entries: Map<string, JournalEntry>;
  /** Resolves when the entry is on disk. */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

/** Opens a journal, new or old; an old one must be of the same settings. */
export async function openJournal(file: string, settings: string): Promise<Journal> {
  await mkdir(path.dirname(file), { recursive: true });
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  const [head, ...lines] = whole.toString("utf8").split("\n").filter(Boolean);
  const isOurs = head === undefined || head === JSON.stringify({ settings });
  if (!isOurs) {
    throw new InputError({
      where: `"${file}"`,
      rule: "is of a run with other settings",
      hint: "Give the same dataset, model, kinds, seed and limit to resume it, or remove it to start over.",
    });
  }
  const entries = new Map(
    lines.map((line) => JSON.parse(line) as JournalEntry).map((each) => [each.key, each]),
  );
  const handle = await open(file, head === undefined ? "w" : "r+");
  await handle.truncate(whole.length);
  let end = whole.length;
  let queue = Promise.resolve();
  const write = (value: unknown) => {
    queue = queue.then(async () => {
      const line = Buffer.from(`${JSON.stringify(value)}\n`);
      await handle.write(line, 0, line.length, end);
      await handle.sync();
      end += line.length;
    });
    return queue;
  };
  if (head === undefined) await write({ settings });
  return {
    entries,
    async append(entry) {
      await write(entry);
      entries.set(entry.key, entry);
    },
    async close() {
      await queue.catch(() => {});
      await handle.close();
    },
  };
}
