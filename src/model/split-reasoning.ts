// Models think in two places: in reasoning parts of their own, or in text between tags. Both are reasoning: never shown as
// the answer, never lost. Chat templates often write the opening tag into the prompt, so that a reply begins inside of it
// and only the closing tag is seen; a reply that the token limit cut has only the opening one.
import type { LanguageModelV4Content } from "@ai-sdk/provider";

export interface SplitReply {
  /** Everything that was thought, in order. */
  reasoning: string;
  /** What was said beside it. */
  text: string;
}

const tagPattern = /<(\/?)(think|thinking|thought|reasoning)>/gi;

/** Takes a reply apart into what was thought and what was said. */
export function splitReasoning(content: readonly LanguageModelV4Content[]): SplitReply {
  const reasoning: string[] = [];
  const text: string[] = [];
  for (const part of content) {
    if (part.type === "reasoning") reasoning.push(part.text);
    else if (part.type === "text") {
      const split = splitTags(part.text);
      reasoning.push(split.reasoning);
      text.push(split.text);
    }
  }
  return { reasoning: joinLines(reasoning), text: text.join("").trim() };
}

/** Takes the tagged thoughts out of a text. Tags inside of tags belong to the thought. */
export function splitTags(text: string): SplitReply {
  const thoughts: string[] = [];
  const said: string[] = [];
  let depth = 0;
  let at = 0;
  for (const tag of text.matchAll(tagPattern)) {
    const piece = text.slice(at, tag.index);
    at = tag.index + tag[0].length;
    const closes = tag[1] === "/";
    // A closing tag that nothing opened ends a thought that began in the prompt.
    if (depth > 0) thoughts.push(piece);
    else if (closes) thoughts.push(...said.splice(0), piece);
    else said.push(piece);
    depth = closes ? Math.max(0, depth - 1) : depth + 1;
  }
  (depth > 0 ? thoughts : said).push(text.slice(at));
  return { reasoning: joinLines(thoughts), text: said.join("").trim() };
}

/** Joins pieces of a thought, each on a line of its own; empty ones are left out. */
export function joinLines(pieces: readonly string[]): string {
  return pieces
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "")
    .join("\n");
}
