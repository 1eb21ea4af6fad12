// Shows a person what a model will be trained on: every token's text, the learned ones marked. In a terminal they are
// green and pictures are dim; elsewhere they stand between « and ».
import type { Rendered } from "./render.ts";

export interface PrintMaskOptions {
  /** The text of tokens in a row; a character may take several. */
  decode(ids: number[]): string;
  imageId: number;
  /** Marks by colour instead of « and ». @default false */
  colour?: boolean;
}

/** Prints tokens with their supervision mask; a run of image tokens is one `<image×k>`. */
export function printMask(
  { ids, spans }: Rendered,
  { decode, imageId, colour = false }: PrintMaskOptions,
): string {
  const [on, off] = colour ? ["\u001b[32m", "\u001b[0m"] : ["«", "»"];
  const plain = (from: number, to: number) => {
    let out = "";
    let i = from;
    while (i < to) {
      const isImage = ids[i] === imageId;
      let end = i + 1;
      while (end < to && (ids[end] === imageId) === isImage) end++;
      const name = `<image×${end - i}>`;
      if (!isImage) out += visible(decode(ids.slice(i, end)));
      else out += colour ? `\u001b[2m${name}\u001b[0m` : name;
      i = end;
    }
    return out;
  };
  let out = "";
  let at = 0;
  for (const [start, end] of spans) {
    out += `${plain(at, start)}${on}${plain(start, end)}${off}`;
    at = end;
  }
  return out + plain(at, ids.length);
}

/** A dataset's text must not steer the terminal: control characters are shown as what they are. */
export function visible(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
