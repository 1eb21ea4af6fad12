// Bad rows of a dataset. An evaluation must ask all of its questions, so they are collected and reported together, with file
// and line, in one error of one line: a person who fixes a file wants to see how bad it is, not one row a run. Whoever makes
// training data can do without a row, and takes bad rows one by one instead.
import { InputError } from "../../errors/index.ts";

/** What is wrong with one row. */
export interface BadRow {
  file: string;
  /** Number of the line or record, from 1. */
  line: number;
  /** Such as `answer: missing`. */
  text: string;
}

/** Is told of every bad row, which is then left out; without it, bad rows are an error. */
export type OnBadRow = (row: BadRow) => void;

/** Collects what is wrong with the rows of one file. */
export class RowProblems {
  readonly #file: string;
  readonly #unit: "line" | "record";
  readonly #onBadRow: OnBadRow | undefined;
  readonly #problems: BadRow[] = [];

  /** Rows of a text file are lines; those of a list in a JSON file are records. */
  constructor(file: string, unit: "line" | "record" = "line", onBadRow?: OnBadRow) {
    this.#file = file;
    this.#unit = unit;
    this.#onBadRow = onBadRow;
  }

  add(line: number, text: string): void {
    this.#problems.push({ file: this.#file, line, text });
  }

  /** What is wrong with the first bad row that was added. */
  first(): string | undefined {
    return this.#problems[0]?.text;
  }

  /** Throws one InputError that shows the first bad rows; where somebody takes them, tells them and says whether there are any. */
  throwIfAny(hint?: string): boolean {
    const [first, ...others] = this.#problems.sort((a, b) => a.line - b.line);
    if (!first) return false;
    if (this.#onBadRow) {
      for (const row of this.#problems) this.#onBadRow(row);
      return true;
    }
    const shown = others.slice(0, 2).map(({ line, text }) => `${this.#unit} ${line}: ${text}`);
    const rest = others.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more bad ${this.#unit}${rest === 1 ? "" : "s"}`);
    throw new InputError({
      where: this.#unit === "line" ? `${this.#file}:${first.line}` : `${this.#file}, record ${first.line}`,
      rule: [first.text, ...shown].join("; "),
      hint,
    });
  }

  /** The same, and refuses a file that has neither good rows nor bad ones. */
  finish(goodRows: number, hint?: string): void {
    if (this.throwIfAny(hint) || goodRows > 0) return;
    throw new InputError({ where: this.#file, rule: "must hold at least one question", got: "none" });
  }
}
