import type { JSONValue } from "@ai-sdk/provider";

/** A value in which the handle that a tool proposed for a picture is the one that the picture got. */
export function renameHandle(value: JSONValue, from: string, to: string): JSONValue {
  if (value === from) return to;
  if (Array.isArray(value)) return value.map((item) => renameHandle(item, from, to));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      item === undefined ? item : renameHandle(item, from, to),
    ]),
  );
}
