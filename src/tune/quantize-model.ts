// A model folder in the LLaVA layout with its weights in fewer bits, under the file names that transformers.js gives to them.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../errors/index.ts";
import { compressWeights, type WeightType } from "../onnx/index.ts";
import { writeFileAtomic } from "../util/files.ts";

/** Types by their names in transformers.js: halves; and int8 with a scale for each output channel. */
const types = {
  fp16: { suffix: "_fp16", weights: "float16" },
  q8: { suffix: "_quantized", weights: "int8" },
} as const satisfies Record<string, { suffix: string; weights: WeightType }>;

export type QuantizedType = keyof typeof types;

export const quantizedTypes = Object.keys(types) as QuantizedType[];

/** One ONNX file of the new folder, and how large it was and is, in bytes. */
export interface QuantizedFile {
  file: string;
  before: number;
  after: number;
}

const onnxParts = ["vision_encoder", "embed_tokens", "decoder_model_merged"];

/** Largest file that is copied beside the weights. */
const mostBytes = 64e6;

/**
 * Writes the folder `dir` to `out` with its weights as `type`: `onnx/NAME_fp16.onnx` or `onnx/NAME_quantized.onnx`, the files
 * beside them as they are, and `transformers.js_config.dtype` in config.json saying which. Both our own loader and
 * transformers.js then take them without being asked to.
 */
export async function quantizeModel(dir: string, out: string, type: QuantizedType): Promise<QuantizedFile[]> {
  const { suffix, weights } = types[type];
  if (path.resolve(dir) === path.resolve(out)) {
    const hint = "Name another folder.";
    throw new InputError({
      where: "quantize",
      rule: "must not write over the model it reads",
      got: out,
      hint,
    });
  }
  const config = await readConfig(path.join(dir, "config.json"));
  const written: QuantizedFile[] = [];
  for (const name of onnxParts) {
    const from = path.join(dir, "onnx", `${name}.onnx`);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(from);
    } catch (cause) {
      throw new InputError({ where: from, rule: "must be there, with float32 weights", cause });
    }
    const file = `onnx/${name}${suffix}.onnx`;
    const compressed = compressWeights(bytes, weights, from);
    await writeFileAtomic(path.join(out, file), compressed);
    written.push({ file, before: bytes.length, after: compressed.length });
  }
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isFile() || !/\.(json|jinja)$/.test(entry.name) || entry.name === "config.json") continue;
    const data = await readFile(path.join(dir, entry.name));
    if (data.length > mostBytes) {
      const rule = `files beside the weights must have at most ${mostBytes / 1e6} MB`;
      throw new InputError({ where: path.join(dir, entry.name), rule, got: `${data.length} bytes` });
    }
    await writeFileAtomic(path.join(out, entry.name), data);
  }
  const own = { ...(config["transformers.js_config"] as object | undefined), dtype: type };
  const described = { ...config, "transformers.js_config": own };
  await writeFileAtomic(path.join(out, "config.json"), `${JSON.stringify(described, null, 2)}\n`);
  return written;
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (cause) {
    throw new InputError({ where: file, rule: "must be a readable JSON file", cause });
  }
  throw new InputError({ where: file, rule: "must hold a JSON object" });
}
