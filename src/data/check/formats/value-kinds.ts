// Kinds of JSON values, for the checks by hand.

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A list of at least `minimum` strings. */
export function isTexts(value: unknown, minimum: number): value is string[] {
  return Array.isArray(value) && value.length >= minimum && value.every(isText);
}

/** A list of exactly so many finite numbers. */
export function isNumbers(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
}
