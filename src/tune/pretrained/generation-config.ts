// How a checkpoint's answers end and are drawn where a call does not say: generation_config.json, and config.json for what older
// folders say there.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { withoutNulls } from "./config-fields.ts";

const tokenIds = z.union([z.int().nonnegative(), z.array(z.int().nonnegative()).min(1).max(64)]);
const schema = z.looseObject({
  eos_token_id: tokenIds.optional(),
  max_new_tokens: z.int().positive().optional(),
  do_sample: z.boolean().default(false),
  temperature: z.number().nonnegative().optional(),
  top_p: z.number().positive().max(1).optional(),
  top_k: z.int().nonnegative().optional(),
});

export interface GenerationSettings {
  /** Tokens that end an answer; none where no file names one. */
  endTokens: number[];
  /** Most tokens of an answer. */
  maxTokens?: number | undefined;
  /** What answers are drawn with; temperature 0 is greedy. */
  temperature: number;
  topP?: number | undefined;
  topK?: number | undefined;
}

/** Reads the settings of a checkpoint folder. Throws InputError for values that are out of range. */
export async function readGenerationSettings(dir: string): Promise<GenerationSettings> {
  const own = await read(path.join(dir, "generation_config.json"));
  const model = await read(path.join(dir, "config.json"));
  const text = withoutNulls(model.text_config);
  const fallback = model.eos_token_id ?? text.eos_token_id;
  const settings = check({ eos_token_id: fallback, ...own }, dir);
  const { do_sample: draws, temperature = 1, top_p: topP, top_k: topK } = settings;
  return {
    endTokens: [settings.eos_token_id ?? []].flat(),
    maxTokens: settings.max_new_tokens,
    ...(draws ? { temperature, topP, topK } : { temperature: 0 }),
  };
}

function check(value: Record<string, unknown>, dir: string): z.infer<typeof schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  const where = path.join(dir, "generation_config.json");
  throw new InputError({
    where,
    rule: "must say how answers are written",
    got: `${field.join(".")}: ${message}`,
  });
}

/** A file's object without nulls; nothing where there is no file. */
async function read(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  try {
    return withoutNulls(JSON.parse(text));
  } catch (cause) {
    throw new InputError({ where: file, rule: "must be JSON", got: (cause as Error).message, cause });
  }
}
