// What the model gets to see of a call: words, and the pictures that the tool gave. When something went wrong the words
// say what, and what would be right, so that the next try can be better.
import type { JSONValue, LanguageModelV4FilePart, LanguageModelV4TextPart } from "@ai-sdk/provider";
import type { Picture } from "./images.ts";

/** What can go wrong on the way to an answer. */
export type Problem =
  | "unknown-tool"
  | "bad-input"
  | "unknown-image"
  | "tool-failed"
  | "tool-timeout"
  | "bad-result"
  | "not-approved"
  | "repeated-call"
  | "skipped-step"
  | "no-calls-left"
  | "unreadable"
  | "bad-plan"
  | "bad-program"
  | "bad-script";

export interface Observation {
  tool: string;
  input: JSONValue;
  /** For the model: the result as marked data, or what went wrong. */
  text: string;
  /** What the tool gave; undefined when something went wrong. */
  value?: JSONValue;
  /** Pictures that the tool gave. */
  pictures: Picture[];
  /** Those of them that the model is shown; the budget may not allow all. */
  shown: Picture[];
  problem?: Problem;
}

/** The pictures of an observation as parts of a prompt, each with its handle. */
export function pictureParts(
  pictures: readonly Picture[],
): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  return pictures.flatMap(({ handle, bytes, mediaType }) => [
    { type: "text" as const, text: `${handle}:` },
    { type: "file" as const, mediaType, data: { type: "data" as const, data: bytes } },
  ]);
}

/** What a step hands on to the next one: its picture's handle when it gave just one, else its value. */
export function outputOf({ value, pictures }: Observation): JSONValue {
  return pictures.length === 1 ? pictures[0]!.handle : (value ?? null);
}

/** Follows a path such as `boxes[0].name` or `boxes.0.name` into a value; undefined when it leads nowhere. */
export function valueAt(value: JSONValue, path: string): JSONValue | undefined {
  let at: JSONValue | undefined = value;
  for (const key of path.split(/[.[\]]+/).filter((piece) => piece !== "")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as { [key: string]: JSONValue })[key];
  }
  return at;
}
