// A model that was taught its tools (capability `taughtTools`) reads no instructions: the question goes to it as it is, with the
// names of the tools, and results come back as the short line of text that it learned to read.
import type { JSONObject, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { escapeRegex, schemaRegex } from "../model/index.ts";
import type { Tool } from "../spec/index.ts";
import { resultText } from "../util/tool-format.ts";
import type { Observation } from "./observation.ts";

/** An observation as such a model reads it: no pictures, no boxes. */
export function plainObservation(observation: Observation): Observation {
  const { value, text } = observation;
  return { ...observation, text: value === undefined ? text : resultText(value), shown: [] };
}

/** The options of a call, with more of what only a local model understands. */
export function withLocalOptions(
  { providerOptions }: Pick<LanguageModelV4CallOptions, "providerOptions">,
  more: JSONObject,
): NonNullable<LanguageModelV4CallOptions["providerOptions"]> {
  return { ...providerOptions, sightline: { ...providerOptions?.sightline, ...more } };
}

/** Most lines of a program, the last one not counted. */
const maxLines = 6;
const variable = "[A-Z]{1,3}";
const path = "(?:\\.[a-z_]{1,20}|\\[[0-9]\\]){0,4}";

/** The programs of lines (see line-program.ts) that can be written with these tools, as a regular expression. */
export function programRegex(tools: readonly Tool[]): string {
  const calls = tools.map(({ name, inputSchema }) => {
    const { properties = {}, required } = inputSchema as { properties?: JSONObject; required?: string[] };
    const needed = new Set(required);
    const [needs, may] = [true, false].map((isNeeded) =>
      Object.entries(properties).filter(([key]) => needed.has(key) === isNeeded),
    ) as [[string, JSONObject][], [string, JSONObject][]];
    const first = needs.map(([key, schema]) => argument(key, schema, name)).join(", ");
    const rest = may.map(([key, schema]) => `(?:, ${argument(key, schema, name)})?`).join("");
    return `${escapeRegex(name)}\\(${first}${first === "" ? "" : rest}\\)`;
  });
  return `(?:${variable}=(?:${calls.join("|")})\\n){1,${maxLines}}RESULT\\(var=${variable}${path}\\)`;
}

/** A picture by its name, a word or a number as it is, anything from an earlier line. */
function argument(key: string, schema: JSONObject, tool: string): string {
  const earlier = `${variable}${path}`;
  const isScalar = ["string", "number", "integer", "boolean"].includes(String(schema.type));
  const literal =
    key === "image" ? "IMAGE" : isScalar ? schemaRegex(schema, `tool "${tool}", ${key}`) : undefined;
  return `${escapeRegex(key)}=${literal === undefined ? earlier : `(?:${literal}|${earlier})`}`;
}
