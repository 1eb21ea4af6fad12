import { InputError } from "./input-error.ts";
import { InternalError } from "./internal-error.ts";
import { SetupError } from "./setup-error.ts";

const classes = { InputError, InternalError, SetupError };

/** An error as it comes out of a worker thread has lost its class and kept its fields: this gives the class back. */
export function reviveError(error: unknown): unknown {
  const { name, where, rule, got, hint, stack } = (error ?? {}) as Error & Record<string, string | undefined>;
  const Known = classes[name as keyof typeof classes];
  if (!Known || typeof where !== "string" || typeof rule !== "string") return error;
  const fields = {
    where,
    rule,
    ...(got === undefined ? {} : { got }),
    ...(hint === undefined ? {} : { hint }),
  };
  const revived = new Known(fields);
  if (stack) revived.stack = stack;
  return revived;
}
