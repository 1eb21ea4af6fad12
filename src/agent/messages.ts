// The conversation with the model, as it grows: its own replies, and what it is shown of what came of them.
import type {
  LanguageModelV4Content,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
} from "@ai-sdk/provider";
import { type Observation, pictureParts } from "./observation.ts";
import type { AskedCall } from "./planner.ts";

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];

/** Puts instructions before everything else; models that know only one system message get only one. */
export function withInstructions(prompt: LanguageModelV4Prompt, instructions: string): LanguageModelV4Prompt {
  const [first, ...rest] = prompt;
  if (first?.role === "system")
    return [{ ...first, content: `${instructions}\n\n${first.content}` }, ...rest];
  return [{ role: "system", content: instructions }, ...prompt];
}

/** What the model said, to be sent back to it: with its own reasoning, which some providers ask for. */
export function replyMessage(
  content: readonly LanguageModelV4Content[],
  kept?: string,
): LanguageModelV4Message {
  const parts: AssistantContent = [];
  for (const part of content) {
    const options =
      "providerMetadata" in part && part.providerMetadata ? { providerOptions: part.providerMetadata } : {};
    if (part.type === "text" && kept === undefined) parts.push({ type: "text", text: part.text, ...options });
    else if (part.type === "reasoning") parts.push({ type: "reasoning", text: part.text, ...options });
    else if (part.type === "tool-call" && !part.providerExecuted) {
      const { toolCallId, toolName, input } = part;
      parts.push({ type: "tool-call", toolCallId, toolName, input: parsedOrText(input), ...options });
    }
  }
  if (kept !== undefined) parts.push({ type: "text", text: kept });
  return { role: "assistant", content: parts.length > 0 ? parts : [{ type: "text", text: "(nothing)" }] };
}

/** What tools returned, as messages: results of native calls, or one message of the user. */
export function observationMessages(
  observations: readonly Observation[],
  { calls, ask }: { calls: readonly AskedCall[]; ask: string },
): LanguageModelV4Message[] {
  if (calls.length === 0) {
    const content = observations.flatMap((observation) => [
      { type: "text" as const, text: `Observation: ${observation.tool}: ${observation.text}` },
      ...pictureParts(observation.shown),
    ]);
    return [{ role: "user", content: ask === "" ? content : [...content, { type: "text", text: ask }] }];
  }
  const content = observations.map(({ tool, text, problem, shown }, i): LanguageModelV4ToolResultPart => {
    const { toolCallId } = calls[i]!;
    const output: LanguageModelV4ToolResultPart["output"] = problem
      ? { type: "error-text", value: text }
      : shown.length === 0
        ? { type: "text", value: text }
        : { type: "content", value: [{ type: "text", text }, ...pictureParts(shown)] };
    return { type: "tool-result", toolCallId, toolName: tool, output };
  });
  const results: LanguageModelV4Message[] = [{ role: "tool", content }];
  return ask === "" ? results : [...results, say(ask)];
}

/** A message of the user. */
export function say(text: string): LanguageModelV4Message {
  return { role: "user", content: [{ type: "text", text }] };
}

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Providers want an object; the model is told that its arguments were none.
    return {};
  }
}
