// Tools of a local model that was taught some: which of the caller's tools it is offered, how the prompt says so, and what it may
// write when it calls one. It knows its tools by name, so what a caller says about them is not shown to it.
import type {
  JSONObject,
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { InputError, InternalError } from "../../errors/index.ts";
import { offerText } from "../../util/tool-format.ts";
import { escapeRegex } from "./regex.ts";
import { pairsRegex, schemaRegex } from "./schema-regex.ts";
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
  const formats = callable.map(({ name, inputSchema }) => callFormat(name, inputSchema as JSONObject));
  return {
    warnings,
    offer: offerText(
      "tools",
      offered.map(({ name }) => name),
    ),
    use: {
      choice: isForced ? "required" : toolChoice.type === "none" ? "none" : "auto",
      pattern: formats.map(({ pattern }) => pattern).join("|"),
      read(text) {
        for (const { name, read } of formats) {
          const input = read(text);
          if (input) return { name, input };
        }
        throw new InternalError({
          where: "local.toolCall",
          rule: "must be readable",
          got: JSON.stringify(text),
        });
      },
    },
  };
}

/** Longest text that is written as an argument, where its schema allows more. */
const longestText = 120;

/** How calls of one tool are written ("count image: image_1, name: dog", see callText), and read back. */
function callFormat(name: string, { properties = {}, required }: JSONObject) {
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(properties as { [key: string]: JSONObject });
  const entries = fields.map(([key, schema], i) => {
    // A text may hold a comma where no other argument can follow it.
    const any = i === fields.length - 1 ? "" : ",";
    const most = Math.min(typeof schema.maxLength === "number" ? schema.maxLength : longestText, longestText);
    const text = `[^${any}\\n ][^${any}\\n]{0,${most - 1}}`;
    const value = schema.type === "string" ? text : schemaRegex(schema, `tool "${name}", ${key}`);
    return { pair: `${escapeRegex(key)}: ${value}`, isNeeded: needed.has(key) };
  });
  const list = pairsRegex(entries);
  return {
    name,
    pattern: `${escapeRegex(name)}${entries.some(({ isNeeded }) => isNeeded) ? ` ${list}` : `(?: ${list})?`}`,
    read(text: string): JSONObject | undefined {
      let rest = text.trim();
      if (rest !== name && !rest.startsWith(`${name} `)) return undefined;
      rest = rest.slice(name.length).trim();
      const input: JSONObject = {};
      for (const [i, [key, { type }]] of fields.entries()) {
        if (!rest.startsWith(`${key}: `)) continue;
        const ends = fields.slice(i + 1).map(([later]) => rest.indexOf(`, ${later}: `));
        const end = Math.min(rest.length, ...ends.filter((at) => at >= 0));
        const value = rest.slice(key.length + 2, end).trim();
        input[key] = type === "string" ? value : (JSON.parse(value) as JSONValue);
        rest = rest.slice(end + 2);
      }
      return input;
    },
  };
}

/** Says what is on offer behind the last question. */
export function withOffer(messages: readonly ChatMessage[], offer: string | undefined): ChatMessage[] {
  const at = messages.findLastIndex(({ role }) => role === "user");
  if (offer === undefined) return [...messages];
  return messages.toSpliced(at + 1, 0, { role: "tool", content: [{ type: "text", text: offer }] });
}
