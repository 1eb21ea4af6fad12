// What a check says, and where the sayings are kept: all are counted, and the first of each check are kept whole, so that
// a file of a million bad rows costs no memory.

/** An error spoils training; a warning is for a person to look at. */
export type Severity = "error" | "warning";

/** One thing that is wrong with a dataset. */
export interface Finding {
  /** Kind of fault, such as "role-order". */
  check: string;
  severity: Severity;
  /** `file:line`, or the file for what is wrong with all of it. */
  where: string;
  id?: string;
  /** Path of the field, such as `conversations[1].value`. */
  field?: string;
  message: string;
  /** The picture that it is about, as the dataset names it. */
  picture?: string;
  /** Folder that the picture's path starts from, where it is not that of the file. */
  baseDir?: string;
}

export interface FindingCount {
  check: string;
  severity: Severity;
  count: number;
}

/** Collects findings. */
export class Findings {
  readonly #maxPerCheck: number;
  readonly #counts = new Map<string, FindingCount>();
  readonly #kept: Finding[] = [];

  /** Keeps the first `maxPerCheck` findings of each check. */
  constructor(maxPerCheck = 100) {
    this.#maxPerCheck = maxPerCheck;
  }

  add(finding: Finding): void {
    const { check, severity } = finding;
    const key = `${severity} ${check}`;
    const entry = this.#counts.get(key) ?? { check, severity, count: 0 };
    this.#counts.set(key, entry);
    entry.count++;
    if (entry.count <= this.#maxPerCheck) this.#kept.push(finding);
  }

  /** How many there are of each check, errors first. */
  get counts(): FindingCount[] {
    return [...this.#counts.values()].sort(
      (a, b) => (a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : 0) || b.count - a.count,
    );
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  get errors(): number {
    return this.counts.reduce((sum, { severity, count }) => sum + (severity === "error" ? count : 0), 0);
  }
}
