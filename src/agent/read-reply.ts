// How replies are read, whatever the planner: what was thought, the marked answer line, JSON and code between fences.
import type { JSONValue } from "@ai-sdk/provider";

/** The line that ends the work. */
export const answerRule = 'When you know the answer, write it in one last line that begins with "Answer:".';

const marked = /^[\s#>*_-]*(?:final\s+)?answer[*_]*\s*[:：][\s*_]*(.*)$/i;

/** Takes the marked answer off the end of a text. An answer that goes on over more lines is taken whole. */
export function splitAnswer(text: string): { thought: string; answer?: string } {
  const lines = text.trim().split("\n");
  const at = lines.findLastIndex((line) => marked.test(line));
  if (at < 0) return { thought: text.trim() };
  const rest = [marked.exec(lines[at]!)![1]!, ...lines.slice(at + 1)].join("\n").trim();
  const thought = lines.slice(0, at).join("\n").trim();
  const answer = rest.replace(/^[*_`]+|[*_`]+$/g, "").trim();
  return answer === "" ? { thought } : { thought, answer };
}

/** What stands between the last pair of code fences, or undefined. */
export function fenced(text: string): string | undefined {
  return [...text.matchAll(/```[^\n`]*\n([\s\S]*?)```/g)].at(-1)?.[1]?.trim();
}

/** The first JSON value of a kind in a text that may hold other words; undefined when there is none. */
export function findJson(text: string, opening: "{" | "["): JSONValue | undefined {
  const inFence = fenced(text);
  const candidates = inFence === undefined ? [text] : [inFence, text];
  for (const candidate of candidates) {
    const from = candidate.indexOf(opening);
    const closing = opening === "{" ? "}" : "]";
    for (
      let to = candidate.lastIndexOf(closing);
      from >= 0 && to > from;
      to = candidate.lastIndexOf(closing, to - 1)
    ) {
      const value = parseJson(candidate.slice(from, to + 1));
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** Parses JSON; undefined when it is none. */
export function parseJson(text: string): JSONValue | undefined {
  try {
    return JSON.parse(text) as JSONValue;
  } catch {
    return undefined;
  }
}

/** An answer as text: of an object with a single field, that field. */
export function answerText(value: JSONValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object" && !Array.isArray(value)) {
    const fields = Object.values(value);
    if (fields.length === 1 && typeof fields[0] !== "object") return String(fields[0]);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
