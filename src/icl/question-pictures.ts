import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { contentAddress, inlineBytes } from "../model/content-address.ts";
import type { Query } from "../spec/index.ts";

/** Bytes of the pictures that the question is about; later pictures, such as crops, are not among them. */
export async function questionPictures(
  prompt: LanguageModelV4Prompt,
  { imageIds }: Query,
): Promise<Uint8Array[]> {
  const inside = (message: LanguageModelV4Message): Uint8Array[] =>
    message.role !== "user"
      ? []
      : message.content.flatMap((part) => {
          const isPicture = part.type === "file" && part.mediaType.startsWith("image");
          const bytes = isPicture ? inlineBytes(part.data) : undefined;
          return bytes ? [bytes] : [];
        });
  const all = prompt.flatMap(inside);
  const addresses = await Promise.all(all.map((bytes) => contentAddress(bytes)));
  const named = all.filter((_, i) => imageIds.includes(addresses[i]!));
  const last = prompt.findLast((message) => message.role === "user");
  return named.length > 0 || !last ? named : inside(last);
}
