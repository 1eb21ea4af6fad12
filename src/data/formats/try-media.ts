import { InputError } from "../../errors/index.ts";
import type { RowProblem } from "./messages.ts";

/** Does something with the media of a row: a picture that cannot be read is a problem of its row, not of the whole run. */
export async function tryMedia<T>(run: () => Promise<T>): Promise<{ value: T } | { problem: RowProblem }> {
  try {
    return { value: await run() };
  } catch (error) {
    if (!InputError.isInstance(error)) throw error;
    return { problem: { path: "input", rule: (error as Error).message } };
  }
}
