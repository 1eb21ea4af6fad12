// A model folder in the layout that transformers.js reads for LlavaForConditionalGeneration: JSON files that describe
// the model and its tokenizer, and three ONNX files. Everything is read and checked here, once, so that a folder that
// lacks something is refused in one line that says what is missing.
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError, SetupError } from "../../errors/index.ts";

const tokenIds = z.union([z.int(), z.array(z.int()).min(1)]);

const configSchema = z.object({
  image_token_index: z.int(),
  text_config: z.object({
    num_hidden_layers: z.int().min(1),
    num_attention_heads: z.int().min(1),
    num_key_value_heads: z.int().min(1).optional(),
    head_dim: z.int().min(1).optional(),
    hidden_size: z.int().min(1),
    vocab_size: z.int().min(1),
    eos_token_id: tokenIds.optional(),
    max_position_embeddings: z.int().min(1).optional(),
  }),
  "transformers.js_config": z
    .object({ dtype: z.union([z.string(), z.record(z.string(), z.string())]).optional() })
    .optional(),
  sightline: z
    .object({
      plainQuestions: z.boolean().optional(),
      maxImages: z.int().min(1).optional(),
      /** The tokens between which the model writes a rationale, before its answer. */
      rationale: z.object({ open: z.string().min(1), close: z.string().min(1) }).optional(),
      /** Tools that the model was taught to call, by name, and the tokens around a call. */
      tools: z
        .object({
          names: z.array(z.string().min(1)).min(1),
          open: z.string().min(1),
          close: z.string().min(1),
        })
        .optional(),
      /** What a patch of a picture can show: names, the last one for nothing, and the token that stands for each. */
      grounding: z.object({ names: z.array(z.string()).min(2), tokens: z.array(z.int()).min(2) }).optional(),
    })
    .optional(),
});

const sizeSchema = z.union([
  z.int(),
  z.object({ shortest_edge: z.int() }),
  z.object({ width: z.int(), height: z.int() }),
]);
const preprocessorSchema = z.object({
  size: sizeSchema.optional(),
  crop_size: sizeSchema.optional(),
  do_center_crop: z.boolean().optional(),
  do_rescale: z.boolean().optional(),
  rescale_factor: z.number().optional(),
  do_normalize: z.boolean().optional(),
  image_mean: z.array(z.number()).length(3).optional(),
  image_std: z.array(z.number()).length(3).optional(),
});

const generationSchema = z.object({
  eos_token_id: tokenIds.optional(),
  max_new_tokens: z.int().min(1).optional(),
  do_sample: z.boolean().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
});

const tokenizerConfigSchema = z.looseObject({
  chat_template: z.string().optional(),
  model_max_length: z.number().optional(),
});

export type PreprocessorConfig = z.infer<typeof preprocessorSchema>;
export type GenerationConfig = z.infer<typeof generationSchema>;

/** What a model folder says about itself, checked. */
export interface ModelFolder {
  dir: string;
  config: z.infer<typeof configSchema>;
  generation: GenerationConfig;
  preprocessor: PreprocessorConfig;
  /** tokenizer.json as it is. */
  tokenizer: object;
  tokenizerConfig: z.infer<typeof tokenizerConfigSchema>;
  chatTemplate: string;
  /** Tokens that end an answer. */
  endTokens: number[];
  /** Paths of the three ONNX files. */
  onnx: Record<OnnxPart, string>;
}

const onnxParts = ["vision_encoder", "embed_tokens", "decoder_model_merged"] as const;
type OnnxPart = (typeof onnxParts)[number];
/** File name suffixes by dtype, in the order in which they are looked for. */
const suffixes = { fp32: "", fp16: "_fp16", q8: "_quantized" } as const;

/** True when the folder's config.json names the architecture that our own decode loop runs. */
export async function isLlavaFolder(dir: string): Promise<boolean> {
  try {
    const config = JSON.parse(await readFile(path.join(dir, "config.json"), "utf8")) as {
      model_type?: unknown;
    };
    return config.model_type === "llava";
  } catch {
    return false;
  }
}

/** Reads a model folder, or says in one line what is wrong with it. */
export async function checkFolder(dir: string): Promise<ModelFolder> {
  if (!(await kindOf(dir))?.isDirectory()) {
    throw new SetupError({ where: "local model", rule: "must be a folder", got: `"${dir}"` });
  }
  const required = ["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"];
  const missing: string[] = [];
  for (const file of required) if (!(await kindOf(path.join(dir, file)))?.isFile()) missing.push(file);
  const rawConfig = missing.includes("config.json") ? {} : await readJson(dir, "config.json");
  checkArchitecture(dir, rawConfig, missing);
  const onnx = {} as Record<OnnxPart, string>;
  for (const part of onnxParts) {
    const found = await findOnnx(dir, part, rawConfig);
    if (found) onnx[part] = found;
    else missing.push(`onnx/${part}.onnx`);
  }
  if (missing.length > 0) {
    throw new SetupError({
      where: `local model "${dir}"`,
      rule: `must have all files of the LLaVA layout`,
      got: `no ${missing.join(", ")}`,
      hint: "Copy the whole folder, or export the model again.",
    });
  }
  const config = checkJson(dir, "config.json", configSchema, rawConfig);
  const tokenizerConfig = await readChecked(dir, "tokenizer_config.json", tokenizerConfigSchema);
  const generation = await readChecked(dir, "generation_config.json", generationSchema, {});
  const endTokens = [generation.eos_token_id ?? config.text_config.eos_token_id ?? []].flat();
  if (endTokens.length === 0) {
    throw wrong(dir, "config.json", "text_config.eos_token_id", "must name the token that ends an answer");
  }
  return {
    dir,
    config,
    generation,
    preprocessor: await readChecked(dir, "preprocessor_config.json", preprocessorSchema),
    tokenizer: await readJson(dir, "tokenizer.json"),
    tokenizerConfig,
    chatTemplate: tokenizerConfig.chat_template ?? (await readTemplate(dir)),
    endTokens,
    onnx,
  };
}

function checkArchitecture(dir: string, config: object, missing: string[]): void {
  if (missing.includes("config.json")) return;
  const type = (config as { model_type?: unknown }).model_type;
  if (type === "llava") return;
  throw new InputError({
    where: `"${path.join(dir, "config.json")}"`,
    rule: 'model_type must be "llava" to run in Sightline\'s own decode loop',
    got: JSON.stringify(type) ?? "nothing",
  });
}

async function findOnnx(dir: string, part: OnnxPart, config: object): Promise<string | undefined> {
  const { dtype } =
    (config as { "transformers.js_config"?: { dtype?: unknown } })["transformers.js_config"] ?? {};
  const wanted = typeof dtype === "object" ? (dtype as Record<string, unknown>)?.[part] : dtype;
  const first = suffixes[wanted as keyof typeof suffixes];
  const order = [...(first === undefined ? [] : [first]), ...Object.values(suffixes)];
  for (const suffix of order) {
    const file = path.join(dir, "onnx", `${part}${suffix}.onnx`);
    if ((await kindOf(file))?.isFile()) return file;
  }
  return undefined;
}

async function readTemplate(dir: string): Promise<string> {
  const file = path.join(dir, "chat_template.jinja");
  if ((await kindOf(file))?.isFile()) return readFile(file, "utf8");
  throw wrong(dir, "tokenizer_config.json", "chat_template", "must be a Jinja template");
}

async function readChecked<T>(dir: string, file: string, schema: z.ZodType<T>, absent?: T): Promise<T> {
  if (absent !== undefined && !(await kindOf(path.join(dir, file)))) return absent;
  return checkJson(dir, file, schema, await readJson(dir, file));
}

function checkJson<T>(dir: string, file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const got = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  throw wrong(dir, file, issue.path.join(".") || "the file", lowerFirst(issue.message), got);
}

function wrong(dir: string, file: string, field: string, rule: string, got?: unknown): InputError {
  return new InputError({
    where: `"${path.join(dir, file)}"`,
    rule: `${field}: ${rule}`,
    got: JSON.stringify(got) ?? "nothing",
  });
}

async function readJson(dir: string, file: string): Promise<object> {
  const text = await readFile(path.join(dir, file), "utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Reported below, in the same words as JSON of another kind.
  }
  throw new InputError({
    where: `"${path.join(dir, file)}"`,
    rule: "must hold a JSON object",
    got: JSON.stringify(text.slice(0, 40)),
  });
}

async function kindOf(file: string) {
  return stat(file).catch(() => undefined);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
