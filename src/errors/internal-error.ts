import { SightlineError } from "./sightline-error.ts";

/** A rule of our own code is broken: a bug, or a misuse of an API that types could not stop. Keeps its stack. */
export class InternalError extends SightlineError {}

/** Throws an InternalError unless the condition holds. */
export function assert(condition: unknown, where: string, rule: string, got?: string): asserts condition {
  if (!condition) throw new InternalError({ where, rule, got });
}
