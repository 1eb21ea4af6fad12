// A recipe file, and what the command line says in place of single fields of it.
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { z } from "zod";
import { InputError } from "../errors/index.ts";

/**
 * Reads and checks a recipe file (YAML). An override is `path=value`: the path's parts are between dots, a list's element is its
 * number or its `name`, and the value is YAML. `stages.answer.steps=100`, `lora.targets=[decoder.*]`.
 */
export async function readRecipe<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  overrides: readonly string[] = [],
): Promise<z.infer<Schema>> {
  let value: unknown;
  try {
    value = parse(await readFile(file, "utf8"));
  } catch (cause) {
    const got = (cause as Error).message.split("\n")[0]!;
    throw new InputError({ where: file, rule: "recipe must be a readable YAML file", got, cause });
  }
  for (const override of overrides) value = applyOverride(value, override);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join(".") || "recipe"}: ${message}`);
  const got = issues.slice(0, 5).join("; ");
  throw new InputError({ where: file, rule: "recipe must fit its schema", got });
}

function applyOverride(recipe: unknown, override: string): unknown {
  const where = `override "${override}"`;
  const [, names, text] = /^([\w*-]+(?:\.[\w*-]+)*)=(.*)$/s.exec(override) ?? [];
  if (names === undefined) {
    const hint = "Such as stages.answer.steps=100.";
    throw new InputError({ where, rule: "must be the path of a field, = and a value", hint });
  }
  let value: unknown;
  try {
    value = parse(text!);
  } catch (cause) {
    const got = (cause as Error).message.split("\n")[0]!;
    throw new InputError({ where, rule: "the value must be YAML", got, cause });
  }
  return replaceAt(recipe, names.split("."), value, where);
}

/** A copy of `node` with the value at a path; objects on the way are made where there are none. */
function replaceAt(
  node: unknown,
  [name, ...rest]: readonly string[],
  value: unknown,
  where: string,
): unknown {
  if (name === undefined) return value;
  if (Array.isArray(node)) {
    const at = node.findIndex((element, i) => `${i}` === name || element?.name === name);
    if (at >= 0) return node.with(at, replaceAt(node[at], rest, value, where));
    const known = node.map((element, i) => element?.name ?? i).join(", ");
    throw new InputError({
      where,
      rule: "the list must have such an element",
      got: `"${name}"; it has ${known}`,
    });
  }
  const fields = new Map(typeof node === "object" && node !== null ? Object.entries(node) : []);
  fields.set(name, replaceAt(fields.get(name), rest, value, where));
  return Object.fromEntries(fields);
}
