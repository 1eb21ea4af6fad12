// Parsers of option values: each gives the value or a message that commander shows with the option's name.
import { InvalidArgumentError } from "commander";
import { nearest } from "../util/text.ts";

/** A whole number of at least `minimum`. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} up.`);
  };
}

/** A number between two bounds, both allowed. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
  };
}

/** One of these names. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found) return found;
    const slip = nearest(text, names);
    throw new InvalidArgumentError(
      `It must be one of ${names.join(", ")}.${slip ? ` Did you mean ${slip}?` : ""}`,
    );
  };
}

/** Collects the values of an option that may be repeated. */
export function collect(text: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), text];
}
