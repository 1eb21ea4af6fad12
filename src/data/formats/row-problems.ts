// Bad rows of a dataset are collected and reported together, with file and line, in one error of one line: a person
// who fixes a file wants to see how bad it is, not one row a run.
import { InputError } from "../../errors/index.ts";

interface Problem {
  /** Number of the line or record, from 1. */
  line: number;
  text: string;
}

/** Collects what is wrong with the rows of one file. */
export class RowProblems {
  readonly #file: string;
  readonly #unit: "line" | "record";
  readonly #problems: Problem[] = [];

  /** Rows of a text file are lines; those of a list in a JSON file are records. */
  constructor(file: string, unit: "line" | "record" = "line") {
    this.#file = file;
    this.#unit = unit;
  }

  add(line: number, text: string): void {
    this.#problems.push({ line, text });
  }

  /** What is wrong with the first bad row that was added. */
  first(): string | undefined {
    return this.#problems[0]?.text;
  }

  /** Throws one InputError that shows the first bad rows, when there are any. */
  throwIfAny(hint?: string): void {
    const [first, ...others] = this.#problems.sort((a, b) => a.line - b.line);
    if (!first) return;
    const shown = others.slice(0, 2).map(({ line, text }) => `${this.#unit} ${line}: ${text}`);
    const rest = others.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more bad ${this.#unit}${rest === 1 ? "" : "s"}`);
    throw new InputError({
      where: this.#unit === "line" ? `${this.#file}:${first.line}` : `${this.#file}, record ${first.line}`,
      rule: [first.text, ...shown].join("; "),
      hint,
    });
  }
}
