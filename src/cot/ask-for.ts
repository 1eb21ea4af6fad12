// How the techniques of this room put their questions: the options of a closed question, and what the answer shall be.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Query } from "../spec/index.ts";
import { isClosed } from "./read-answer.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The options of a question, one a line, with letters while there are enough of them; empty without options. */
export function optionLines({ choices = [] }: Query): string[] {
  const lettered = choices.length <= letters.length;
  return choices.map((choice, i) => (lettered ? `${letters[i]}. ${choice}` : `- ${choice}`));
}

/** What the answer shall be, in words. */
export function answerForm({ choices = [], answerType }: Query): string {
  if (choices.length > 0)
    return choices.length <= letters.length
      ? "the letter of the right option"
      : "one of the options, word for word";
  switch (answerType) {
    case "yes-no":
      return "yes or no";
    case "number":
      return "a number";
    case "short":
    case "choice":
      return "a single word or phrase";
    default:
      return "the answer";
  }
}

/** The request to end in a marked answer line. */
export function lastLine(query: Query): string {
  return `The last line must be "Answer:" and then ${answerForm(query)}${isClosed(query) ? ", nothing else" : ""}.`;
}

/** A prompt whose last question is another one about the same pictures. */
export function askInstead(prompt: LanguageModelV4Prompt, text: string): LanguageModelV4Prompt {
  const at = prompt.findLastIndex(({ role }) => role === "user");
  return prompt.map((message, i): LanguageModelV4Message => {
    if (i !== at || message.role !== "user") return message;
    const others = message.content.filter((part) => part.type !== "text");
    return { ...message, content: [...others, { type: "text", text }] };
  });
}

/** A prompt without its pictures. */
export function withoutPictures(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  return prompt.map((message) =>
    message.role === "user"
      ? { ...message, content: message.content.filter((part) => !isPicture(part)) }
      : message,
  );
}

/** Number of pictures in the last message of the user. */
export function pictureCount(prompt: LanguageModelV4Prompt): number {
  const last = prompt.findLast(({ role }) => role === "user");
  return last?.role === "user" ? last.content.filter(isPicture).length : 0;
}

/** True for a picture in a prompt. */
export function isPicture(part: { type: string; mediaType?: string }): boolean {
  return part.type === "file" && (part.mediaType ?? "").startsWith("image");
}
