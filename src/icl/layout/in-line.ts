// Demonstrations and question as one text with pictures in it, in the in-context template of the survey (arXiv 2306.13549,
// Table 3; its body is a reconstruction): the instruction once, then Image and Response of every demonstration, then the
// question's Image and an open Response. Demonstrations that ask something else carry an Instruction of their own.
import type {
  LanguageModelV4FilePart,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
} from "@ai-sdk/provider";
import type { Demonstration, ShownTurn } from "../demonstration.ts";
import { promptPart } from "./parts.ts";

type Content = (LanguageModelV4TextPart | LanguageModelV4FilePart)[];

const preamble =
  "Below are some examples and an instruction that describes a task. Write a response that appropriately completes " +
  "the request";

/**
 * Puts demonstrations into the last user message, whose texts become the instruction.
 * @param suffix how to answer, where nobody has said so yet
 */
export function inLine(
  prompt: LanguageModelV4Prompt,
  demonstrations: readonly Demonstration[],
  suffix?: string,
): LanguageModelV4Prompt {
  const at = prompt.findLastIndex(({ role }) => role === "user");
  return prompt.map((message, i) => {
    if (i !== at || message.role !== "user") return message;
    const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text.trim()] : []));
    const question = texts.filter((text) => text !== "").join("\n");
    const instruction = [question, ...(suffix ? [suffix] : [])].join("\n");
    const isShared = demonstrations.every(
      (shown) => shown.turns.length === 2 && shown.instruction === question,
    );
    const pictures = message.content.filter((part) => part.type === "file");
    const content: Content = [
      { type: "text", text: `${preamble}\n${isShared ? `### Instruction: ${instruction}\n` : ""}` },
      ...demonstrations.flatMap(({ turns }) => block(turns, isShared)),
      ...(isShared ? [] : [instructionLine(instruction)]),
      ...imageLine(pictures),
      { type: "text", text: "### Response:" },
    ];
    return { ...message, content: joinTexts(content) };
  });
}

function block(turns: readonly ShownTurn[], isShared: boolean): Content {
  const content = turns.flatMap(({ role, parts }): Content => {
    const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
    if (role === "assistant") return [{ type: "text", text: `### Response: ${texts.join("\n")}\n` }];
    const pictures = parts.filter((part) => part.type === "picture").map(promptPart);
    return [...(isShared ? [] : [instructionLine(texts.join("\n"))]), ...imageLine(pictures)];
  });
  return [...content, { type: "text", text: "\n" }];
}

function instructionLine(text: string): LanguageModelV4TextPart {
  return { type: "text", text: `### Instruction: ${text}\n` };
}

function imageLine(pictures: Content): Content {
  return pictures.length === 0
    ? []
    : [{ type: "text", text: "### Image: " }, ...pictures, { type: "text", text: "\n" }];
}

/** Neighbouring texts as one part. */
function joinTexts(content: Content): Content {
  const joined: Content = [];
  for (const part of content) {
    const last = joined.at(-1);
    if (part.type === "text" && last?.type === "text")
      joined[joined.length - 1] = { type: "text", text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}
