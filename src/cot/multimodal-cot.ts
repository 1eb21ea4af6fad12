// The input of Multimodal-CoT (Zhang et al., arXiv 2302.00923; layouts QCM-LE and QCMG-A of its ScienceQA data): question,
// context and options, then the solution, then the answer. Text that stands beside the question is the context.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Query } from "../spec/index.ts";

/** The prompt of the first stage, or of the second when the rationale is given. */
export function multimodalCotPrompt(
  prompt: LanguageModelV4Prompt,
  { choices = [], question }: Query,
  rationale?: string,
): LanguageModelV4Prompt {
  const at = prompt.findLastIndex(({ role }) => role === "user");
  return prompt.map((message, i): LanguageModelV4Message => {
    if (i !== at || message.role !== "user") return message;
    const texts = message.content.filter((part) => part.type === "text").map((part) => part.text.trim());
    const context = texts.filter((text) => text !== "" && text !== question.trim()).join(" ");
    const options = choices.map((choice, n) => `(${String.fromCharCode(65 + n)}) ${choice}`).join(" ");
    const lines = [
      `Question: ${question}`,
      `Context: ${context || "N/A"}`,
      ...(options ? [`Options: ${options}`] : []),
      ...(rationale === undefined ? ["Solution:"] : [`Solution: ${rationale}`, "Answer:"]),
    ];
    const others = message.content.filter((part) => part.type !== "text");
    return { ...message, content: [...others, { type: "text", text: lines.join("\n") }] };
  });
}
