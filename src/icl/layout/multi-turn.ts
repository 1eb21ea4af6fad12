// Demonstrations as a conversation that went before: each is a question of the user, pictures first, and the assistant's
// answer. They stand after the system's message and before everything else, so that prompts of one task begin alike and
// whoever caches beginnings of prompts (a local model, a provider) reads them once.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Demonstration } from "../demonstration.ts";
import { promptPart, textsOf } from "./parts.ts";

/** Puts demonstrations in front of a conversation. */
export function multiTurn(
  prompt: LanguageModelV4Prompt,
  demonstrations: readonly Demonstration[],
): LanguageModelV4Prompt {
  const start = prompt.findIndex(({ role }) => role !== "system");
  const at = start < 0 ? prompt.length : start;
  const shown = demonstrations.flatMap(({ turns }) =>
    turns.map(
      ({ role, parts }): LanguageModelV4Message =>
        role === "user" ? { role, content: parts.map(promptPart) } : { role, content: textsOf(parts) },
    ),
  );
  return [...prompt.slice(0, at), ...shown, ...prompt.slice(at)];
}
