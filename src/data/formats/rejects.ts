// Rows that are refused go to rejects.jsonl beside the output, with file, line and field; too many of them stop the run.
import { rm } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import type { RowProblem } from "./messages.ts";
import { OutputFile } from "./output-file.ts";

/** The most rejects that a run may have: a number, or a share of the lines after the first 1,000. */
export type MaxRejects = { count: number } | { share: number };

export interface RejectOptions {
  /** Stops at the first bad row. @default false */
  strict?: boolean;
  /** @default a share of 0.05 */
  maxRejects?: MaxRejects;
}

/** What rejects have on disk, from which they can go on. */
export interface RejectsState {
  count: number;
  bytes: number;
}

/** Rows read before a share of rejects can stop the run: the first few say little. */
const firstRows = 1000;

/** The file of bad rows in the making. */
export class Rejects {
  readonly #file: string;
  readonly #output: OutputFile;
  readonly #options: RejectOptions;
  #count: number;
  #isDone = false;

  private constructor(file: string, output: OutputFile, count: number, options: RejectOptions) {
    this.#file = file;
    this.#output = output;
    this.#count = count;
    this.#options = options;
  }

  /** Starts the rejects of an output, or goes on from a state. */
  static async create(out: string, options: RejectOptions, state?: RejectsState): Promise<Rejects> {
    const file = rejectsFile(out);
    const output = await OutputFile.create(file, state?.bytes);
    return new Rejects(file, output, state?.count ?? 0, options);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Takes down a bad row.
   * @throws InputError when none is permitted
   */
  async add(row: { file: string; line: number; text?: string }, problem: RowProblem): Promise<void> {
    const { path: field, rule } = problem;
    if (this.#options.strict) {
      throw new InputError({ where: `${row.file}:${row.line}${field ? `, ${field}` : ""}`, rule });
    }
    this.#count++;
    const text = row.text?.slice(0, 10_000);
    const line = { file: row.file, line: row.line, field, problem: rule, ...(text ? { row: text } : {}) };
    await this.#output.write(`${JSON.stringify(line)}\n`);
  }

  /**
   * Checks that the rejects are not too many for the rows read so far. A share is one of the rows since an earlier count.
   * @throws InputError when they are
   */
  check(read: number, { since = 0 }: { since?: number } = {}): void {
    const max = this.#options.maxRejects;
    const rejected = max && "count" in max ? this.#count : this.#count - since;
    checkRejectCount({ rejected, read, max, hint: `They are in "${this.#file}".` });
  }

  /** Brings everything to disk. */
  async sync(): Promise<RejectsState> {
    return { count: this.#count, bytes: await this.#output.sync() };
  }

  /** Puts the file in its place; without bad rows there is none, nor one of an earlier run. */
  async finish(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#count > 0) return this.#output.commit();
    await this.#output.discard();
    await rm(this.#file, { force: true });
  }

  /** Stops, to go on later. */
  async keep(): Promise<void> {
    await this.#output.keep();
  }
}

/**
 * Checks that rejects are not too many for the rows read so far.
 * @throws InputError when they are
 */
export function checkRejectCount({
  rejected,
  read,
  max = { share: 0.05 },
  hint,
}: {
  rejected: number;
  read: number;
  /** @default a share of 0.05 */
  max?: MaxRejects;
  hint: string;
}): void {
  const isCount = "count" in max;
  const most = isCount ? max.count : read <= firstRows ? Number.POSITIVE_INFINITY : max.share * read;
  if (rejected <= most) return;
  throw new InputError({
    where: "--max-rejects",
    rule: isCount ? "must be enough for all bad rows" : `at most ${max.share * 100}% of rows may be bad`,
    got: `${rejected} bad of the first ${read}`,
    hint,
  });
}

/** The file of bad rows, beside the output. */
export function rejectsFile(out: string): string {
  return path.join(path.dirname(path.resolve(out)), "rejects.jsonl");
}
