// How the model that we train is offered tools, calls them and reads what they return. It is small: it knows its tools by
// their names alone, and reads results as a short line of text. The trainer writes these lines, and whoever runs the
// exported model writes the same.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";

/** What a model can be asked to write with its tools: one call after another, or a program of one call a line. */
export type ToolUse = "tools" | "program";

/** Names the tools behind a question: "tools: count, detect". */
export function offerText(use: ToolUse, names: readonly string[]): string {
  return `${use}: ${names.join(", ")}`;
}

/**
 * A call as the model writes it, "count image: image_1, name: dog": every word has a space before it, as in the question that
 * it is copied from, and is the same token there and here.
 */
export function callText(name: string, input: JSONObject): string {
  const pairs = Object.entries(input).map(([key, value]) => `${key}: ${String(value)}`);
  return `${name}${pairs.length > 0 ? " " : ""}${pairs.join(", ")}`;
}

/** Longest result that the model reads, in characters. */
const maxResult = 400;

/**
 * What a tool returned as one line, "name: dog, count: 2" or "objects: dog, cat": numbers, texts, and lists of named things
 * as their names. Boxes, scores and everything nested are left out.
 */
export function resultText(value: JSONValue): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return oneLine(plain(value) ?? "");
  const pairs = Object.entries(value).flatMap(([key, item]) => {
    const text = item === undefined ? undefined : plain(item);
    return text === undefined ? [] : [`${key}: ${text}`];
  });
  return oneLine(pairs.join(", "));
}

function plain(value: JSONValue): string | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return String(value);
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return "none";
  const names = value.map((item) =>
    typeof item === "object" && item !== null && !Array.isArray(item) ? item.name : item,
  );
  return names.every((name) => typeof name === "string") ? names.join(", ") : undefined;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, maxResult);
}
