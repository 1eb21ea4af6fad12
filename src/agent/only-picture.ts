import type {
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";
import { inlineBytes } from "../model/content-address.ts";

/** Encoded bytes of the picture of a prompt that has exactly one, when they are at hand. */
export function onlyPicture(prompt: LanguageModelV4Prompt): Uint8Array | undefined {
  const found = prompt.flatMap((message) =>
    message.role === "user" ? message.content.filter(isPicture) : [],
  );
  return found.length === 1 ? inlineBytes(found[0]!.data) : undefined;
}

/** True for a picture among the parts of a user's message. */
export function isPicture(
  part: LanguageModelV4TextPart | LanguageModelV4FilePart,
): part is LanguageModelV4FilePart {
  return part.type === "file" && part.mediaType.startsWith("image");
}

/** A part of a user's message. */
export type Piece = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** A prompt with other parts in the place of each picture that the user sent. */
export function replacePictures(
  prompt: LanguageModelV4Prompt,
  replace: (picture: LanguageModelV4FilePart) => readonly Piece[],
): LanguageModelV4Prompt {
  return prompt.map((message) =>
    message.role === "user"
      ? { ...message, content: message.content.flatMap((part) => (isPicture(part) ? replace(part) : [part])) }
      : message,
  );
}
