// Texts in which `<image>` stands for a picture (LLaVA, ShareGPT, ms-swift, LLaMA-Factory), as parts and back.
//
// The placeholder usually has a line of its own. So one line break between it and a text belongs to the layout, not to
// the text, unless the text goes on there with a space or a mark ("Is <image>, left, …"). Writing is the reverse, so
// that a text that was written comes back as it was.
import type { Part } from "../../spec/index.ts";

export const placeholder = "<image>";

/** Opens and closes that do not take a line break beside a placeholder. */
const touching = /^[\s.,;:!?)\]}'"]/u;
const touchingEnd = /[\s([{'"]$/u;

/** Splits a text at its placeholders; `take` gives the picture of the next one. */
export function partsOfText(text: string, take: () => Part): Part[] {
  const pieces = text.split(placeholder);
  const parts: Part[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) parts.push(take());
    let words = piece;
    if (i > 0 && words.startsWith("\n") && !touching.test(words.slice(1))) words = words.slice(1);
    if (i < pieces.length - 1 && words.endsWith("\n") && !touchingEnd.test(words.slice(0, -1)))
      words = words.slice(0, -1);
    const isLayout = pieces.length > 1 && words.trim() === "";
    if (!isLayout) parts.push({ type: "text", text: words });
  }
  return parts;
}

/** Parts as one text. Two texts in a row are joined by a line break and come back as one. */
export function textOfParts(parts: readonly Part[]): string {
  let out = "";
  for (const [i, part] of parts.entries()) {
    const before = parts[i - 1];
    const words = part.type === "text" ? part.text : placeholder;
    const runsOn =
      (part.type === "text" && before?.type !== "text" && touching.test(words)) ||
      (part.type !== "text" && before?.type === "text" && touchingEnd.test(before.text));
    out += i > 0 && !runsOn ? `\n${words}` : words;
  }
  return out;
}

/** How many placeholders a text has. */
export function countPlaceholders(text: string): number {
  return text.split(placeholder).length - 1;
}
