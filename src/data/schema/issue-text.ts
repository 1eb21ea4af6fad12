import { z } from "zod";
import { nearest } from "../../util/text.ts";

/** Says in one line what breaks a schema first: `input[0].source: expected string, received number`. */
export function issueText(error: z.ZodError, known: readonly string[] = []): string {
  const issue = error.issues[0]!;
  const place = z.core.toDotPath(issue.path);
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : "";
  return `${place ? `${place}: ` : ""}${describe(issue, known)}${more}`;
}

function describe(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const slip = issue.path.length === 0 ? nearest(key, known) : undefined;
    return `unknown field "${key}"${slip ? ` (did you mean "${slip}"?)` : ""}`;
  }
  const got = /, received (\w+)$/.exec(issue.message)?.[1];
  // Without "received" the schema's author wrote the message.
  if (issue.code === "invalid_type" && got) {
    if (got === "undefined") return `missing, must be ${article(issue.expected)}`;
    return `must be ${article(issue.expected)}, got ${got}`;
  }
  if (issue.code === "invalid_value") {
    return `must be one of ${issue.values.map((v) => JSON.stringify(v)).join(", ")}`;
  }
  if (issue.code === "invalid_union" && "options" in issue) {
    return `must be one of ${(issue.options as unknown[]).map((v) => JSON.stringify(v)).join(", ")}`;
  }
  if (issue.code === "too_small" && issue.minimum === 1) return "must not be empty";
  if (issue.code === "too_small" && issue.origin === "array")
    return `must have at least ${issue.minimum} items`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
