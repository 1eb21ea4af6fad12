const marker = Symbol.for("sightline.error");

/** What a Sightline error says: `<where>: <rule>, got <got>. <hint>` */
export interface ErrorFields {
  /** Function, file or field path that found the problem, such as `onnx.matMul` or `questions.jsonl:12`. */
  where: string;
  /** The rule that was broken, or what happened. */
  rule: string;
  /** The value that broke it, already formatted; left out when there is none. */
  got?: string;
  /** What to do about it, one sentence. */
  hint?: string;
  cause?: unknown;
}

/** Base of all errors that Sightline raises on purpose. Test with `SightlineError.isInstance`, not `instanceof`. */
export class SightlineError extends Error {
  readonly where: string;
  readonly rule: string;
  readonly got: string | undefined;
  readonly hint: string | undefined;

  constructor({ where, rule, got, hint, cause }: ErrorFields) {
    super(`${where}: ${rule}${got === undefined ? "" : `, got ${got}`}.${hint ? ` ${hint}` : ""}`, { cause });
    this.name = new.target.name;
    this.where = where;
    this.rule = rule;
    this.got = got;
    this.hint = hint;
    Object.defineProperty(this, marker, { value: true, enumerable: false });
  }

  /** True for errors of any copy of this package. */
  static isInstance(error: unknown): error is SightlineError {
    return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[marker] === true;
  }
}
