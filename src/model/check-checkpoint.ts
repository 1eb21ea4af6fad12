// A checkpoint folder is looked at before it is opened: the library's own messages for a missing or foreign file name
// neither the file nor the cure.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { InputError, SetupError } from "../errors/index.ts";
import { nearest } from "../util/text.ts";

/** How a processor wants its two arguments; checked with transformers.js 4.3.1. */
export type ArgumentOrder = "text-first" | "images-first" | "separate";

/** Architectures that answer about pictures in transformers.js, by `model_type`. */
const architectures: Record<string, ArgumentOrder> = {
  gemma3: "text-first",
  idefics3: "text-first",
  lfm2_vl: "images-first",
  // LlavaProcessor expands only the first picture of a text: pictures and text are prepared one by one.
  llava: "separate",
  mistral3: "images-first",
  paligemma: "images-first",
  qwen2_5_vl: "text-first",
  qwen2_vl: "text-first",
  qwen3_vl: "text-first",
  smolvlm: "text-first",
};

/** The argument order of an architecture, or one line that says why it cannot be used. */
export function architectureOf(modelType: unknown, where: string): ArgumentOrder {
  const names = Object.keys(architectures);
  const order = typeof modelType === "string" ? architectures[modelType] : undefined;
  if (order) return order;
  const near = typeof modelType === "string" ? nearest(modelType, names) : undefined;
  throw new InputError({
    where,
    rule: `the architecture must be one of ${names.join(", ")}`,
    got: JSON.stringify(modelType) ?? "no model_type",
    hint: near ? `Did you mean ${near}?` : undefined,
  });
}

const required = ["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"];

/** Checks that a folder holds a checkpoint that transformers.js can open, and finds the number format of each part. */
export async function checkCheckpoint(
  dir: string,
): Promise<{ order: ArgumentOrder; dtype: Record<string, NumberFormat> }> {
  const where = `"${dir}"`;
  const missing = required.filter((file) => !existsSync(path.join(dir, file)));
  if (missing.length > 0) {
    const hint = "A model folder has the files of a Hugging Face repository.";
    throw new SetupError({ where, rule: `the model folder lacks ${missing.join(", ")}`, hint });
  }
  let config: { model_type?: unknown };
  try {
    config = JSON.parse(await readFile(path.join(dir, "config.json"), "utf8"));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ where: `"${path.join(dir, "config.json")}"`, rule: "must be JSON", got, cause });
  }
  const order = architectureOf(config.model_type, where);
  const onnx = existsSync(path.join(dir, "onnx")) ? await readdir(path.join(dir, "onnx")) : [];
  const dtype = numberFormats(onnx);
  if (Object.keys(dtype).length === 0) {
    const hint = "Export the model to ONNX first: weights in .safetensors are for Python.";
    throw new SetupError({ where, rule: "the model folder lacks onnx/*.onnx", hint });
  }
  return { order, dtype };
}

type NumberFormat = "fp32" | "fp16" | "q8" | "int8" | "uint8" | "q4f16" | "q4" | "bnb4";

/** Number formats in the order of preference, with the file suffix that names them. */
const formats: [dtype: NumberFormat, suffix: string][] = [
  ["fp32", ""],
  ["fp16", "_fp16"],
  ["q8", "_quantized"],
  ["int8", "_int8"],
  ["uint8", "_uint8"],
  ["q4f16", "_q4f16"],
  ["q4", "_q4"],
  ["bnb4", "_bnb4"],
];

/** The best number format that is there, for every part of a model. */
function numberFormats(files: readonly string[]): Record<string, NumberFormat> {
  const best = new Map<string, number>();
  for (const file of files) {
    if (!file.endsWith(".onnx")) continue;
    const name = file.slice(0, -".onnx".length);
    const rank = formats.findIndex(([, suffix], i) => i > 0 && name.endsWith(suffix));
    const found = Math.max(rank, 0);
    const part = name.slice(0, name.length - formats[found]![1].length);
    if (found <= (best.get(part) ?? Number.POSITIVE_INFINITY)) best.set(part, found);
  }
  return Object.fromEntries([...best].map(([part, rank]) => [part, formats[rank]![0]]));
}
