import type { JSONValue } from "@ai-sdk/provider";
import { z } from "zod";
import type { Tool } from "../spec/index.ts";
import { nearest } from "../util/text.ts";

/** Says what is wrong with the input of a tool, for the model to read; undefined when it fits the tool's JSON schema. */
export function checkInput(
  { name, inputSchema }: Pick<Tool, "name" | "inputSchema">,
  input: JSONValue,
): string | undefined {
  const parsed = z.fromJSONSchema(inputSchema as z.core.JSONSchema.JSONSchema).safeParse(input);
  if (parsed.success) return undefined;
  const known = Object.keys((inputSchema.properties as object | undefined) ?? {});
  const lines = parsed.error.issues.slice(0, 4).map((issue) => {
    if (issue.code === "unrecognized_keys") {
      const slip = nearest(issue.keys[0]!, known);
      return `it has no argument ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}${slip ? `; did you mean "${slip}"?` : ""}`;
    }
    const place = z.core.toDotPath(issue.path);
    return `${place === "" ? "input" : place}: ${issue.message.replace(/^Invalid input: /, "")}`;
  });
  return `${name} takes ${known.join(", ") || "no arguments"}. ${lines.join(". ")}.`;
}
