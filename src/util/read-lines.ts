// The lines of a file of any size in little memory: one buffer is filled again and again, and a line is a view into it.
import { open } from "node:fs/promises";
import { InputError } from "../errors/index.ts";

/** One line, or one item of a JSON list. The bytes are valid only until the next batch is asked for. */
export interface ByteLine {
  /** Line of the file on which it starts, from 1. */
  line: number;
  bytes: Buffer;
}

export interface ReadLinesOptions {
  /** Bytes read at once. @default 1 MiB */
  chunkBytes?: number;
  /** Longest line; data URLs make long ones. @default 64 MiB */
  maxLineBytes?: number;
  signal?: AbortSignal;
}

/** Yields the lines of a file in batches, without their line ends; blank lines are left out. */
export async function* readLines(
  file: string,
  { chunkBytes = 1 << 20, maxLineBytes = 1 << 26, signal }: ReadLinesOptions = {},
): AsyncGenerator<ByteLine[]> {
  const handle = await open(file, "r");
  try {
    let buffer = Buffer.allocUnsafe(chunkBytes);
    let kept = 0;
    let line = 1;
    let atStart = true;
    for (;;) {
      signal?.throwIfAborted();
      if (kept === buffer.length) {
        if (buffer.length >= maxLineBytes) throw tooLong(file, line, maxLineBytes);
        buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxLineBytes));
      }
      const { bytesRead } = await handle.read(buffer, kept, buffer.length - kept, null);
      const end = kept + bytesRead;
      let from = atStart && end >= 3 && hasByteOrderMark(buffer) ? 3 : 0;
      if (end >= 3) atStart = false;
      const batch: ByteLine[] = [];
      for (;;) {
        const newline = buffer.subarray(from, end).indexOf(10);
        if (newline < 0) break;
        add(batch, line++, buffer, from, from + newline);
        from += newline + 1;
      }
      if (bytesRead === 0) {
        add(batch, line, buffer, from, end);
        if (batch.length > 0) yield batch;
        return;
      }
      if (batch.length > 0) yield batch;
      buffer.copy(buffer, 0, from, end);
      kept = end - from;
    }
  } finally {
    await handle.close();
  }
}

function add(batch: ByteLine[], line: number, buffer: Buffer, from: number, to: number): void {
  let start = from;
  let end = to;
  while (start < end && isSpace(buffer[start]!)) start++;
  while (end > start && isSpace(buffer[end - 1]!)) end--;
  if (end > start) batch.push({ line, bytes: buffer.subarray(start, end) });
}

/** The white space of JSON, and the carriage return of Windows line ends. */
function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === 10;
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function tooLong(file: string, line: number, maxBytes: number): InputError {
  const where = `${file}:${line}`;
  const hint = "Keep pictures in files of their own.";
  return new InputError({
    where,
    rule: `must be at most ${Math.round(maxBytes / 2 ** 20)} MiB in one line`,
    hint,
  });
}
