// A file that is written bit by bit and appears whole or not at all: a temporary file beside it, fsync, rename.
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** A text file in the making. */
export class OutputFile {
  readonly #file: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #buffer: string[] = [];
  #length = 0;

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.#file = file;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** Starts a file; makes its folder when missing. */
  static async create(file: string): Promise<OutputFile> {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
    return new OutputFile(file, temporary, await open(temporary, "w"));
  }

  async write(text: string): Promise<void> {
    this.#buffer.push(text);
    this.#length += text.length;
    if (this.#length > 1e6) await this.#flush();
  }

  /** Puts the file in its place. */
  async commit(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#file);
  }

  /** Gives up: nothing stays. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#buffer.join("");
    this.#buffer = [];
    this.#length = 0;
    if (text !== "") await this.#handle.writeFile(text);
  }
}
