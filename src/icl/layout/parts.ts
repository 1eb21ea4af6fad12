import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from "@ai-sdk/provider";
import type { ShownPart } from "../demonstration.ts";

/** A piece of a demonstration as a part of the AI SDK's prompt. */
export function promptPart(part: ShownPart): LanguageModelV4TextPart | LanguageModelV4FilePart {
  if (part.type === "text") return part;
  return { type: "file", mediaType: part.mediaType, data: { type: "data", data: part.bytes } };
}

/** The texts of a turn. */
export function textsOf(parts: readonly ShownPart[]): LanguageModelV4TextPart[] {
  return parts.filter((part) => part.type === "text");
}
