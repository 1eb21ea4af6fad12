// The items of one JSON list in a file of any size, found by counting brackets outside strings. Items are not parsed
// here, so that a broken one costs only itself.
import { open } from "node:fs/promises";
import { InputError } from "../errors/index.ts";
import type { ByteLine, ReadLinesOptions } from "./read-lines.ts";

const quote = 34;
const backslash = 92;
const comma = 44;

/** Yields the items of the JSON list in a file, in batches as readLines does. */
export async function* readJsonArray(
  file: string,
  { chunkBytes = 1 << 20, maxLineBytes = 1 << 26, signal }: ReadLinesOptions = {},
): AsyncGenerator<ByteLine[]> {
  const handle = await open(file, "r");
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    let line = 1;
    let itemLine = 0;
    let depth = 0;
    let inString = false;
    let escaped = false;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) break;
      const batch: ByteLine[] = [];
      let itemStart = 0;
      const close = (end: number) => {
        if (itemLine === 0) return;
        batch.push({ line: itemLine, bytes: Buffer.concat([...pending, chunk.subarray(itemStart, end)]) });
        pending = [];
        pendingBytes = 0;
        itemLine = 0;
      };
      for (let i = 0; i < bytesRead; i++) {
        const byte = chunk[i]!;
        if (byte === 10) line++;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) inString = false;
          continue;
        }
        // Anything but white space, a comma or the list's own brackets belongs to an item. A byte order mark comes
        // before the list and is passed over with everything else there.
        const isItem = depth > 1 || (depth === 1 && byte > 32 && byte !== comma && byte !== 93);
        if (isItem && itemLine === 0) {
          itemLine = line;
          itemStart = i;
        }
        if (byte === quote) inString = true;
        else if (byte === 91 || byte === 123) depth++;
        else if (byte === 93 || byte === 125) {
          depth--;
          if (depth === 0) close(i);
        } else if (byte === comma && depth === 1) close(i);
      }
      if (itemLine !== 0) {
        pending.push(Buffer.from(chunk.subarray(itemStart, bytesRead)));
        pendingBytes += bytesRead - itemStart;
        if (pendingBytes > maxLineBytes)
          throw new InputError({ where: `${file}:${itemLine}`, rule: tooLong });
      }
      if (batch.length > 0) yield batch;
    }
    if (pending.length > 0) yield [{ line: itemLine, bytes: Buffer.concat(pending) }];
  } finally {
    await handle.close();
  }
}

const tooLong = "must end, but an item of the list goes on and on (is a bracket or a quote missing?)";
