// The tokenizer of a model folder as templates need it: tokenizer.json, tokenizer_config.json and config.json, of any
// architecture. No weights are read.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { InputError } from "../../errors/index.ts";
import type { TemplateTokenizer } from "./render.ts";

/** A tokenizer that knows a model's special tokens and chat template. */
export interface ChatTokenizer extends TemplateTokenizer {
  /** Special tokens by their text. */
  specials: ReadonlyMap<string, number>;
  chatTemplate: string;
  /** What a chat template may name: `bos_token`, `eos_token` and the like. */
  tokenNames: Record<string, string>;
  /** The template takes a message as a list of parts, even where it is one text. @default false */
  contentParts?: boolean;
  /** Visual tokens that the model takes for a picture, where its files say so. */
  imageTokens?: number;
  /** The text of tokens, for people; special tokens keep their names. */
  decode(ids: number[]): string;
}

/** Reads the tokenizer of a model folder. */
export async function loadChatTokenizer(dir: string): Promise<ChatTokenizer> {
  const json = await readJson(dir, "tokenizer.json");
  const config = await readJson(dir, "tokenizer_config.json");
  const model = await readJson(dir, "config.json");
  const processor = await readJson(dir, "processor_config.json").catch(() => ({}) as Json);
  const added = (json.added_tokens ?? []) as { id: number; content: string }[];
  const specials = new Map(added.map(({ id, content }) => [content, id]));
  const tokenNames: Record<string, string> = {};
  for (const key of ["bos_token", "eos_token", "pad_token", "unk_token"]) {
    const name = tokenName(config[key]);
    if (name !== undefined) tokenNames[key] = name;
  }
  const where = `"${dir}"`;
  const chatTemplate = config.chat_template ?? (await readText(dir, "chat_template.jinja"));
  if (typeof chatTemplate !== "string")
    throw new InputError({ where, rule: "chat_template must be one Jinja template" });
  const eosId = specials.get(tokenNames.eos_token ?? "");
  const imageId = model.image_token_index ?? model.image_token_id;
  if (eosId === undefined)
    throw new InputError({ where, rule: "must name its eos_token among added_tokens" });
  if (typeof imageId !== "number")
    throw new InputError({ where, rule: "config.json must name its image_token_index" });
  const bosId = specials.get(tokenNames.bos_token ?? "");
  const whole = new Tokenizer(json, config);
  // Without its added tokens the tokenizer spells "<image>" and its like in ordinary tokens.
  const plain = new Tokenizer({ ...json, added_tokens: [] }, config);
  const imageTokens = processor.image_seq_length ?? model.image_seq_length ?? patches(model, processor);
  return {
    encode: (text) => (text === "" ? [] : plain.encode(text, { add_special_tokens: false }).ids),
    ...(bosId === undefined ? {} : { bosId }),
    ...{ eosId, imageId, specials, chatTemplate, tokenNames },
    ...(typeof imageTokens === "number" ? { imageTokens } : {}),
    decode: (ids) => whole.decode(ids, { clean_up_tokenization_spaces: false }),
  };
}

/** Patches of a picture whose every patch is one visual token. */
function patches({ vision_config: vision }: Json, { patch_size: patch }: Json): number | undefined {
  const size = (vision as { image_size?: unknown } | undefined)?.image_size;
  if (typeof size !== "number" || typeof patch !== "number") return undefined;
  return Math.floor(size / patch) ** 2;
}

type Json = Record<string, unknown>;

async function readJson(dir: string, file: string): Promise<Json> {
  return JSON.parse(await readText(dir, file)) as Json;
}

async function readText(dir: string, file: string): Promise<string> {
  try {
    return await readFile(path.join(dir, file), "utf8");
  } catch (cause) {
    throw new InputError({ where: `"${dir}"`, rule: `must hold a readable ${file}`, cause });
  }
}

function tokenName(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : undefined;
}
