// The files of a checkpoint's folder that say how text becomes tokens: tokenizer.json, tokenizer_config.json and the chat template.
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { InputError, SetupError } from "../../errors/index.ts";

export type Json = Record<string, unknown>;

export interface TokenizerFiles {
  /** tokenizer.json. */
  json: Json;
  /** tokenizer_config.json, and what an older special_tokens_map.json says beside it. */
  config: Json;
  /** What a chat template may name: `bos_token`, `eos_token` and the like. */
  names: Record<string, string>;
  chatTemplate: string;
}

/** Longest tokenizer.json, in bytes. */
const MOST_BYTES = 2e8;

/**
 * Reads the files. The chat template is in `chat_template.jinja`, `chat_template.json`, or either configuration. Throws SetupError
 * for a file that is missing.
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  const json = await needed(dir, "tokenizer.json");
  const own = await needed(dir, "tokenizer_config.json");
  const config = { ...(await optional(dir, "special_tokens_map.json")), ...own };
  return { json, config, names: tokenNames(config), chatTemplate: await readChatTemplate(dir, config) };
}

async function readChatTemplate(dir: string, config: Json): Promise<string> {
  const file = await readText(path.join(dir, "chat_template.jinja"));
  if (file !== undefined) return file;
  const processor = {
    ...(await optional(dir, "processor_config.json")),
    ...(await optional(dir, "chat_template.json")),
  };
  for (const value of [processor.chat_template, config.chat_template]) {
    if (typeof value === "string") return value;
    // Several by name.
    const named = Array.isArray(value) ? value.find(({ name }) => name === "default")?.template : undefined;
    if (typeof named === "string") return named;
  }
  const hint =
    "A base model has none: write one to chat_template.jinja, or start from the model's instruct version.";
  throw new SetupError({ where: dir, rule: "must have a chat template", hint });
}

function tokenNames(config: Json): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    const content = typeof value === "string" ? value : (value as { content?: unknown } | null)?.content;
    if (key.endsWith("_token") && typeof content === "string") names[key] = content;
  }
  return names;
}

async function needed(dir: string, file: string): Promise<Json> {
  const json = await optional(dir, file);
  if (json) return json;
  const hint = "Copy it from the checkpoint's repository.";
  throw new SetupError({
    where: path.join(dir, file),
    rule: "a checkpoint that is tuned must have this file",
    hint,
  });
}

async function optional(dir: string, file: string): Promise<Json | undefined> {
  const where = path.join(dir, file);
  const text = await readText(where);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError({ where, rule: "must be JSON", got: (cause as Error).message, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new InputError({ where, rule: "must be a JSON object", got: text.slice(0, 40) });
}

/** A file's text; undefined when it is not there. */
async function readText(file: string): Promise<string | undefined> {
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  if (info.size > MOST_BYTES) {
    const got = `${info.size} bytes`;
    throw new InputError({ where: file, rule: `must be at most ${MOST_BYTES} bytes`, got });
  }
  return readFile(file, "utf8");
}
