// A rendered template as a list of segments, before any tokenizer. The text of a dataset only ever stands in `text`
// segments, so that nothing a dataset says can start a conversation, end a turn or stand in for a picture.
import { InputError } from "../../errors/index.ts";
import type { ImagePart, Part } from "../../spec/index.ts";

export type Segment =
  | { type: "bos" }
  | { type: "text"; text: string; supervised?: boolean }
  | { type: "image"; image: ImagePart }
  /** A special token of a chat template. */
  | { type: "token"; id: number; text: string; supervised?: boolean }
  | { type: "eos"; supervised?: boolean }
  /** Shown to people, never tokenised: the dashed line of the in-context template. */
  | { type: "print"; text: string };

/** The segments as the tables of the survey print them. */
export function textOf(segments: readonly Segment[]): string {
  return segments.map(printed).join("");
}

function printed(segment: Segment): string {
  if (segment.type === "bos") return "<BOS>";
  if (segment.type === "eos") return "<EOS>";
  return segment.type === "image" ? "<image>" : segment.text;
}

/** A plain text that is not learned. */
export function text(value: string): Segment {
  return { type: "text", text: value };
}

/** A response: what the model learns to write, and the token that ends it. Trained unless `loss` is false. */
export function response(value: string, loss = true): Segment[] {
  return [
    { type: "text", text: value, supervised: loss },
    { type: "eos", supervised: loss },
  ];
}

/** Pictures and texts in order, a space between two of them; blank texts are left out. */
export function inputSegments(parts: readonly Part[], where: string): Segment[] {
  const segments: Segment[] = [];
  for (const part of parts) {
    if (part.type === "text" && part.text.trim() === "") continue;
    if (segments.length > 0) segments.push(text(" "));
    if (part.type === "text") segments.push(text(part.text));
    else segments.push({ type: "image", image: asImage(part, where) });
  }
  return segments;
}

/** Throws for a sound or a video: the templates have no place for them. */
export function asImage(part: Exclude<Part, { type: "text" }>, where: string): ImagePart {
  if (part.type === "image") return part;
  throw new InputError({ where, rule: "only text and image parts can be rendered", got: part.type });
}
