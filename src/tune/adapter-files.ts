// Adapters as files in the layout of Hugging Face PEFT: adapter_config.json and adapter_model.safetensors. PEFT stores the
// transposes of our matrices: lora_A.weight is [rank, inputs] and lora_B.weight is [outputs, rank].
// https://huggingface.co/docs/peft/developer_guides/checkpoint
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError } from "../errors/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { isAdapter, type LoraConfig } from "./lora.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

const prefix = "base_model.model.";
const configFile = "adapter_config.json";
const weightsFile = "adapter_model.safetensors";

const configSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  use_rslora: z.boolean().default(false),
});

/** An adapter in memory; `weights` holds `NAME.lora_A` [inputs, rank] and `NAME.lora_B` [rank, outputs]. */
export interface Adapter {
  lora: LoraConfig;
  weights: Map<string, Float32Array>;
}

/** Writes an adapter. `base` says which model it belongs to. */
export async function writeAdapter(
  dir: string,
  { lora, weights }: { lora: LoraConfig; weights: ReadonlyMap<string, Float32Array> },
  base: string,
): Promise<void> {
  const tensors = new Map<string, StoredTensor>();
  const modules = new Set<string>();
  for (const [name, data] of weights) {
    if (!isAdapter(name)) continue;
    modules.add(name.replace(/\.lora_[AB]$/, ""));
    const columns = name.endsWith("A") ? lora.rank : data.length / lora.rank;
    const shape = [columns, data.length / columns];
    tensors.set(`${prefix}${name}.weight`, { shape, data: transpose(data, columns) });
  }
  await writeSafetensors(path.join(dir, weightsFile), { tensors, metadata: { format: "pt" } });
  const config = {
    base_model_name_or_path: base,
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    use_rslora: lora.rsLora,
    target_modules: [...modules].sort(),
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    modules_to_save: null,
  };
  await writeFileAtomic(path.join(dir, configFile), `${JSON.stringify(config, null, 2)}\n`);
}

/** Reads an adapter; what PEFT can do and this reader cannot (DoRA, other kinds) is refused. */
export async function readAdapter(dir: string): Promise<Adapter> {
  const file = path.join(dir, configFile);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new InputError({ where: file, rule: "must be a readable JSON file", cause });
  }
  const config = configSchema.safeParse(value);
  if (!config.success || config.data.use_dora) {
    const issue = config.success ? "use_dora" : config.error.issues[0]!;
    const got = typeof issue === "string" ? issue : `${issue.path.join(".")}: ${issue.message}`;
    throw new InputError({ where: file, rule: "must describe a LoRA adapter", got });
  }
  const { r, lora_alpha: alpha, lora_dropout: dropout, use_rslora: rsLora } = config.data;
  const stored = await readSafetensors(path.join(dir, weightsFile));
  const weights = new Map<string, Float32Array>();
  for (const [key, { shape, data }] of stored.tensors) {
    const match = /^base_model\.model\.(.+\.lora_([AB]))\.weight$/.exec(key);
    const rank = match?.[2] === "A" ? shape[0] : shape[1];
    if (!match || shape.length !== 2 || rank !== r) {
      throw new InputError({
        where: path.join(dir, weightsFile),
        rule: `tensors must be lora_A [${r}, inputs] or lora_B [outputs, ${r}]`,
        got: `"${key}" [${shape}]`,
      });
    }
    weights.set(match[1]!, transpose(data, shape[1]!));
  }
  const targets = [...new Set([...weights.keys()].map((name) => name.replace(/\.lora_[AB]$/, "")))];
  for (const target of targets) {
    if (weights.has(`${target}.lora_A`) && weights.has(`${target}.lora_B`)) continue;
    throw new InputError({
      where: path.join(dir, weightsFile),
      rule: `"${target}" must have lora_A and lora_B`,
    });
  }
  return { lora: { rank: r, alpha, dropout, targets, rsLora }, weights };
}

/** The transpose of a matrix whose rows are `columns` long. */
function transpose(data: Float32Array, columns: number): Float32Array {
  const rows = data.length / columns;
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
