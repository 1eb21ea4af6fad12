// Tools of a local model that was taught some: which of the caller's tools it is offered, how the prompt says so, and what it may
// write when it calls one. It knows its tools by name, so what a caller says about them is not shown to it.
import type {
  JSONObject,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { InputError } from "../../errors/index.ts";
import { offerText } from "../../util/tool-format.ts";
import { escapeRegex } from "./regex.ts";
import { schemaRegex } from "./schema-regex.ts";
import type { ChatMessage } from "./tokenizer.ts";

/** A call as the model wrote it. */
export interface WrittenCall {
  name: string;
  input: JSONObject;
}

export interface ToolUse {
  /** Whether the model may call: as it likes, not at all, or with its next words. */
  choice: "auto" | "none" | "required";
  /** What a call has to match. */
  pattern: string;
  read(text: string): WrittenCall;
}

export interface PlannedToolUse {
  /** Said behind the question; undefined when no tool is offered. */
  offer?: string;
  use?: ToolUse;
  warnings: SharedV4Warning[];
}

/**
 * Plans one call. Tools that the model was not taught are a warning; a tool that must be called and that it was not taught is an
 * InputError, as is a schema that its writing cannot be held to.
 */
export function planToolUse(
  { tools = [], toolChoice = { type: "auto" } }: Pick<LanguageModelV4CallOptions, "tools" | "toolChoice">,
  taught: readonly string[],
): PlannedToolUse {
  const isTaught = (tool: (typeof tools)[number]): tool is LanguageModelV4FunctionTool =>
    tool.type === "function" && taught.includes(tool.name);
  const offered = tools.filter(isTaught);
  const warnings = tools
    .filter((tool) => !isTaught(tool))
    .map(({ name }): SharedV4Warning => {
      const details = `This model was taught ${taught.join(", ") || "no tools"}.`;
      return { type: "unsupported", feature: `tool "${name}"`, details };
    });
  const must = toolChoice.type === "tool" ? [toolChoice.toolName] : undefined;
  const callable = must ? offered.filter(({ name }) => must.includes(name)) : offered;
  const isForced = toolChoice.type === "required" || must !== undefined;
  if (isForced && callable.length === 0)
    throw new InputError({
      where: "toolChoice",
      rule: "must leave a tool that this model was taught to call",
      got: must ? `"${must[0]}"` : tools.map(({ name }) => name).join(", ") || "no tools",
      hint: `It was taught ${taught.join(", ") || "none"}.`,
    });
  if (callable.length === 0) return { warnings };
  const calls = callable.map(
    ({ name, inputSchema }) =>
      `\\{"name": ${escapeRegex(JSON.stringify(name))}, "arguments": ${schemaRegex(inputSchema as JSONObject, `tool "${name}"`)}\\}`,
  );
  return {
    warnings,
    offer: offerText(
      "tools",
      offered.map(({ name }) => name),
    ),
    use: {
      choice: isForced ? "required" : toolChoice.type === "none" ? "none" : "auto",
      pattern: calls.join("|"),
      read(text) {
        const { name, arguments: input } = JSON.parse(text) as { name: string; arguments: JSONObject };
        return { name, input };
      },
    },
  };
}

/** Says what is on offer behind the last question. */
export function withOffer(messages: readonly ChatMessage[], offer: string | undefined): ChatMessage[] {
  const at = messages.findLastIndex(({ role }) => role === "user");
  if (offer === undefined) return [...messages];
  return messages.toSpliced(at + 1, 0, { role: "tool", content: [{ type: "text", text: offer }] });
}
