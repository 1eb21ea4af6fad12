// A file that is written bit by bit and appears whole or not at all: a file NAME.partial beside it, fsync, rename. A run that
// is stopped may leave the partial file, and go on behind the bytes that it knows to be on disk.
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** A text file in the making. */
export class OutputFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  #buffer: string[] = [];
  #length = 0;
  #bytes: number;

  private constructor(file: string, handle: FileHandle, bytes: number) {
    this.#file = file;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Starts a file, or goes on behind the first bytes of its partial file; makes its folder when missing. */
  static async create(file: string, bytes = 0): Promise<OutputFile> {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    const handle = await open(partialFile(file), bytes > 0 ? "r+" : "w");
    await handle.truncate(bytes);
    return new OutputFile(file, handle, bytes);
  }

  async write(text: string): Promise<void> {
    this.#buffer.push(text);
    this.#length += text.length;
    if (this.#length > 1e6) await this.#flush();
  }

  /** Brings everything to disk; gives the bytes so far. */
  async sync(): Promise<number> {
    await this.#flush();
    await this.#handle.sync();
    return this.#bytes;
  }

  /** Puts the file in its place. */
  async commit(): Promise<void> {
    await this.sync();
    await this.#handle.close();
    await rename(partialFile(this.#file), this.#file);
  }

  /** Stops, to go on later. */
  async keep(): Promise<void> {
    await this.#handle.close();
  }

  /** Gives up: nothing stays. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(partialFile(this.#file), { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#buffer.join(""));
    this.#buffer = [];
    this.#length = 0;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#bytes);
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }
}

/** Where a file is while it is not whole. */
export function partialFile(file: string): string {
  return `${file}.partial`;
}
