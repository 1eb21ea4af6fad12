// Rows of JSON Lines and of a JSON list, one at a time, so that a file larger than memory can be read. The list is cut
// into its elements by counting brackets outside strings; each element is then parsed by itself.
import { createReadStream } from "node:fs";
import { InputError } from "../../errors/index.ts";

/** One row as it stands in a file. */
export interface TextRow {
  /** Number of the line, or of the record in a list, from 1. */
  line: number;
  text: string;
}

/** Longest row. A picture inside a row may take tens of megabytes; more is a file of another kind. */
const maxChars = 200e6;

/** Yields the non-blank lines of a file. */
export async function* textLines(file: string): AsyncGenerator<TextRow> {
  let rest = "";
  let line = 0;
  for await (const chunk of textChunks(file)) {
    const pieces = (rest + chunk).split("\n");
    rest = pieces.pop()!;
    if (rest.length > maxChars) throw tooLong(file, line + 1);
    for (const text of pieces) {
      line++;
      if (text.trim() !== "") yield { line, text };
    }
  }
  if (rest.trim() !== "") yield { line: line + 1, text: rest };
}

/** Yields the elements of a JSON list. */
export async function* listElements(file: string): AsyncGenerator<TextRow> {
  let rest = "";
  let at = 0;
  let start = -1;
  let depth = 0;
  let line = 0;
  let inString = false;
  let isEscaped = false;
  let isClosed = false;
  for await (const chunk of textChunks(file)) {
    rest += chunk;
    for (; at < rest.length; at++) {
      const code = rest.charCodeAt(at);
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (code === 92) isEscaped = true;
        else if (code === 34) inString = false;
        continue;
      }
      const isBlank = code === 32 || code === 10 || code === 13 || code === 9;
      if (isBlank) continue;
      if (isClosed) throw broken(file, "nothing after the list", rest.slice(at, at + 20));
      if (depth === 0 && code !== 91) throw broken(file, "must be a list", rest.slice(at, at + 20));
      if (depth === 1 && (code === 44 || code === 93)) {
        if (start >= 0) yield { line: ++line, text: rest.slice(start, at) };
        start = -1;
        if (code === 93) isClosed = true;
        continue;
      }
      if (depth === 1 && start < 0) start = at;
      if (code === 34) inString = true;
      else if (code === 91 || code === 123) depth++;
      else if (code === 93 || code === 125) depth--;
    }
    const keep = start >= 0 ? start : at;
    rest = rest.slice(keep);
    at -= keep;
    if (start >= 0) start = 0;
    if (rest.length > maxChars) throw tooLong(file, line + 1);
  }
  if (!isClosed) throw broken(file, "must be a whole list", "one that is cut off");
}

/** The first character of a file that is no space; empty for an empty file. */
export async function firstCharacter(file: string): Promise<string> {
  for await (const chunk of textChunks(file)) {
    const text = chunk.trimStart();
    if (text !== "") return text[0]!;
  }
  return "";
}

/** The text of a file in pieces. */
export async function* textChunks(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of createReadStream(file, { highWaterMark: 1 << 18 }))
      yield decoder.decode(bytes as Uint8Array, { stream: true });
    const last = decoder.decode();
    if (last !== "") yield last;
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new InputError({
        ...{ where: file, rule: "must be UTF-8 text", got: "other bytes" },
        ...{ hint: "Save it as UTF-8 text.", cause },
      });
    if (syscall === undefined) throw cause;
    throw new InputError({ where: `"${file}"`, rule: "must be readable", got: code, cause });
  }
}

function broken(file: string, rule: string, got: string): InputError {
  return new InputError({ where: file, rule: `must be a JSON list of rows: ${rule}`, got });
}

function tooLong(file: string, line: number): InputError {
  return new InputError({ where: `${file}:${line}`, rule: `a row must be at most ${maxChars / 1e6} MB` });
}
