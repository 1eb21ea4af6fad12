import type { JSONObject } from "@ai-sdk/provider";
import type { Tool } from "../spec/index.ts";

/** The tools as lines of a prompt: how each is called, what its arguments are, and what it does. */
export function describeTools(tools: readonly Tool[]): string {
  return tools
    .map(({ name, description, inputSchema }) => {
      const properties = (inputSchema.properties ?? {}) as { [key: string]: JSONObject };
      const required = new Set((inputSchema.required as string[] | undefined) ?? []);
      const list = Object.entries(properties).map(
        ([key, schema]) => `${key}${required.has(key) ? "" : "?"}: ${typeText(schema)}`,
      );
      const notes = Object.entries(properties).flatMap(([key, { description }]) =>
        typeof description === "string" ? [`    ${key}: ${description}`] : [],
      );
      return [`- ${name}(${list.join(", ")}): ${description}`, ...notes].join("\n");
    })
    .join("\n");
}

function typeText(schema: JSONObject): string {
  const { type, items } = schema;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (type === "array" && typeof items === "object" && items !== null && !Array.isArray(items))
    return `${typeText(items as JSONObject)}[]`;
  if (Array.isArray(type)) return type.join(" | ");
  return typeof type === "string" ? type : "any";
}
