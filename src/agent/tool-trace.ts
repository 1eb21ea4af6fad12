// Tool traces as `sightline data generate --kind tool-use` writes them, in the lines of GPT4Tools (Yang et al., arXiv
// 2305.18752) and Visual ChatGPT: a request, calls with their inputs, perhaps what they returned, perhaps the reply. Such
// a Sample becomes a trace of calls that the tools on offer can follow, or nothing: a demonstration of a tool that is not
// there would teach a mistake.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import type { Sample, Tool } from "../spec/index.ts";
import { checkInput } from "./check-input.ts";
import { parseJson } from "./read-reply.ts";

/** A call of a trace. */
export interface TracedCall {
  /** Empty where the trace says nothing but that a tool is needed. */
  thought: string;
  tool: string;
  input: JSONObject;
  /** What the tool returned; undefined where the trace does not say. */
  observation?: string;
}

/** How a request was dealt with. */
export interface ToolTrace {
  id: string;
  request: string;
  calls: TracedCall[];
  /** Undefined where the trace ends with a call. */
  answer?: string;
}

const label = /^\s*(Thought|Action Input|Action|Observation|AI|Answer)\s*:[^\S\n]*(.*)$/;
const formula = /^Do I need to use a tool\?\s*(?:Yes|No)\.?$/i;
/** The picture of a request, in traces and in the conversations of the agent. */
const [tracePicture, handle] = ["<image>", "image_1"];

/** Reads the trace of a Sample; undefined when it has none that these tools can follow. */
export function readToolTrace(
  { id, instruction, response = "", turns = [] }: Sample,
  tools: readonly Tool[],
): ToolTrace | undefined {
  if (turns.length > 0) return undefined;
  const calls: TracedCall[] = [];
  let [thought, name] = ["", ""];
  let answer: string | undefined;
  for (const [field, text] of fieldsOf(response)) {
    if (field === "Thought") thought = formula.test(text) ? "" : text;
    else if (field === "Action") name = text;
    else if (field === "Action Input") {
      const tool = tools.find((one) => one.name === name);
      const input = tool && inputOf(text, tool);
      if (!input) return undefined;
      calls.push({ thought, tool: tool.name, input });
      [thought, name] = ["", ""];
    } else if (field === "Observation") {
      const last = calls.at(-1);
      if (last) last.observation = text;
    } else answer = text;
  }
  const isWhole = name === "" && (calls.length > 0 || answer !== undefined) && answer !== "";
  return isWhole ? { id, request: instruction, calls, ...(answer ? { answer } : {}) } : undefined;
}

/** The labelled fields of a text in their order; lines without a label go on with the field before them. */
function fieldsOf(text: string): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of text.split("\n")) {
    const found = label.exec(line);
    const last = fields.at(-1);
    if (found) fields.push([found[1]!, found[2]!]);
    else if (last) last[1] += `\n${line}`;
  }
  return fields.map(([field, value]) => [field, value.trim()]);
}

/**
 * The input of a call for a tool: an object as JSON, or values with commas between them in the order of the tool's
 * properties, the picture first. Undefined when the tool does not take it.
 */
function inputOf(text: string, tool: Tool): JSONObject | undefined {
  const given = parseJson(text);
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const input = isObject ? (named(given) as JSONObject) : fromList(text, tool);
  return input && checkInput(tool, input) === undefined ? input : undefined;
}

function fromList(text: string, { inputSchema }: Tool): JSONObject | undefined {
  const properties = Object.entries((inputSchema.properties ?? {}) as { [key: string]: JSONObject });
  const input: JSONObject = {};
  let rest = text.trim();
  for (const [i, [key, { type }]] of properties.entries()) {
    if (rest === "") break;
    // The last property takes all that is left, commas and all; a list is a list as a whole.
    const isLast = i === properties.length - 1;
    const list = type === "array" ? /^\[[^\]]*\]/.exec(rest)?.[0] : undefined;
    const piece = list ?? (isLast ? rest : rest.split(",", 1)[0]!);
    rest = rest.slice(piece.length).replace(/^\s*,\s*/, "");
    input[key] = named(type === "string" ? piece.trim() : (parseJson(piece) ?? piece.trim()));
  }
  return rest === "" ? input : undefined;
}

/** A value with the conversation's name for the picture. */
function named(value: JSONValue): JSONValue {
  if (value === tracePicture) return handle;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, named(item ?? null)]));
}
