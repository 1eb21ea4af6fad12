// A JSON schema as a regular expression for the JSON that fits it, written as Python's `json.dumps` does: one space behind
// each colon and comma. Properties come in the order of the schema, those that are not required may be left out.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import { InputError } from "../../errors/index.ts";
import { escapeRegex } from "./regex.ts";

/** Characters that JSON wants escaped. */
const control = "\u0000-\u001f";
/** Longest text and list that is written, where the schema allows more. */
const [mostCharacters, mostItems] = [120, 8] as const;

/**
 * The expression of a schema of objects, lists, texts, numbers, booleans, null, enums and alternatives. Anything else (references,
 * patterns, open objects) is an InputError: a constraint that cannot be kept must not be promised.
 */
export function schemaRegex(value: JSONValue | undefined, where: string): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(value, where);
  const schema = value as JSONObject;
  const { type, anyOf, oneOf } = schema;
  if (Array.isArray(schema.enum)) return either((schema.enum as JSONValue[]).map(literal));
  if (schema.const !== undefined) return literal(schema.const);
  const options = anyOf ?? oneOf;
  if (Array.isArray(options))
    return either((options as JSONValue[]).map((option) => schemaRegex(option, where)));
  if (Array.isArray(type))
    return either((type as JSONValue[]).map((one) => schemaRegex({ ...schema, type: one }, where)));
  if (typeof schema.pattern === "string" || typeof schema.$ref === "string") return refuse(schema, where);
  switch (type) {
    case "string":
      return text(schema);
    case "integer":
      return "-?(?:0|[1-9][0-9]{0,8})";
    case "number":
      return "-?(?:0|[1-9][0-9]{0,8})(?:\\.[0-9]{1,6})?";
    case "boolean":
      return "(?:true|false)";
    case "null":
      return "null";
    case "array":
      return list(schema, where);
    case "object":
      return object(schema, where);
    default:
      return refuse(schema, where);
  }
}

function text({ minLength, maxLength }: JSONObject): string {
  const most = Math.min(typeof maxLength === "number" ? maxLength : mostCharacters, mostCharacters);
  const least = typeof minLength === "number" ? Math.min(minLength, most) : 0;
  return `"[^"\\\\${control}]{${least},${most}}"`;
}

function list({ items, minItems, maxItems }: JSONObject, where: string): string {
  const item = schemaRegex(items, `${where}.items`);
  const most = Math.min(typeof maxItems === "number" ? maxItems : mostItems, mostItems);
  const least = typeof minItems === "number" ? minItems : 0;
  if (least > most) return refuse({ minItems: least }, where);
  if (most === 0) return "\\[\\]";
  const some = `\\[${item}(?:, ${item}){${Math.max(0, least - 1)},${most - 1}}\\]`;
  return least === 0 ? either(["\\[\\]", some]) : some;
}

function object({ properties = {}, required }: JSONObject, where: string): string {
  const needed = new Set(Array.isArray(required) ? required : []);
  const entries = Object.entries(properties as JSONObject).map(([key, schema]) => ({
    pair: `${literal(key)}: ${schemaRegex(schema, `${where}.${key}`)}`,
    isNeeded: needed.has(key),
  }));
  return `\\{${pairsRegex(entries)}\\}`;
}

/** Pairs in their order with commas between those that are there: each may be the first that is. */
export function pairsRegex(entries: readonly { pair: string; isNeeded: boolean }[]): string {
  const behind = (rest: typeof entries) =>
    rest.map(({ pair, isNeeded }) => (isNeeded ? `, ${pair}` : `(?:, ${pair})?`)).join("");
  const firsts: string[] = [];
  for (const [i, { pair, isNeeded }] of entries.entries()) {
    firsts.push(`${pair}${behind(entries.slice(i + 1))}`);
    if (isNeeded) return either(firsts);
  }
  return either([...firsts, ""]);
}

function either(options: readonly string[]): string {
  return options.length === 1 ? options[0]! : `(?:${options.join("|")})`;
}

function literal(value: JSONValue): string {
  return escapeRegex(JSON.stringify(value));
}

function refuse(schema: JSONValue | undefined, where: string): never {
  throw new InputError({
    where,
    rule: "a local model can be held to objects, lists, texts, numbers, booleans, null and enums",
    got: JSON.stringify(schema)?.slice(0, 200) ?? "nothing",
  });
}
