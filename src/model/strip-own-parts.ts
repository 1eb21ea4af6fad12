// In a second turn the caller sends back what the first turn returned: trace events, rationales, pictures looked at and
// the tool calls of an agent included. A provider would take them for words and calls of its own, so every
// technique removes them first. The answer, the caller's tool calls and the provider's own parts stay.
import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";

type Content = Exclude<LanguageModelV4Message, { role: "system" }>["content"][number];

/** Removes Sightline's parts of earlier turns from a prompt; messages left empty go too. */
export function stripOwnParts(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const ownCalls = new Set<string>();
  for (const message of prompt) {
    if (message.role !== "assistant") continue;
    for (const part of message.content)
      if (part.type === "tool-call" && isOwn(part)) ownCalls.add(part.toolCallId);
  }
  const stays = (part: Content) =>
    !isOwn(part) && !(part.type === "tool-result" && ownCalls.has(part.toolCallId));
  const stripped: LanguageModelV4Prompt = [];
  for (const message of prompt) {
    if (message.role === "system" || message.role === "user" || message.content.every(stays)) {
      stripped.push(message);
      continue;
    }
    const content = message.content.filter(stays);
    if (content.length > 0) stripped.push({ ...message, content } as LanguageModelV4Message);
  }
  return stripped;
}

function isOwn(part: Content): boolean {
  if (part.type === "custom") return part.kind.startsWith("sightline.");
  if (part.type === "text" || part.type === "file") return false;
  const options = (part as { providerOptions?: SharedV4ProviderOptions }).providerOptions;
  return options?.sightline?.own !== undefined;
}
