// Writes a checkpoint as transformers reads it: after an adapter was merged, or to turn F16 and BF16 into F32.
import { existsSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import type { Adapter } from "../adapter-files.ts";
import { loraScale } from "../lora.ts";
import { type StoredTensor, writeSafetensors } from "../safetensors.ts";
import type { Checkpoint } from "./read-checkpoint.ts";

/** Files beside the weights that belong to a model: tokens, templates, how pictures are prepared. */
const companions = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
  "chat_template.json",
  "generation_config.json",
  "preprocessor_config.json",
  "processor_config.json",
];

/** The checkpoint with the adapter's products added to its matrices: W + s * (A B) transposed. The given one stays as it was. */
export function mergeAdapter(checkpoint: Checkpoint, { lora, weights: adapter }: Adapter): Checkpoint {
  const weights = new Map(checkpoint.weights);
  const { rank } = lora;
  const scale = loraScale(lora);
  for (const [name, down] of adapter) {
    if (!name.endsWith(".lora_A")) continue;
    const layer = name.slice(0, -".lora_A".length);
    const base = weights.get(`${layer}.weight`);
    const up = adapter.get(`${layer}.lora_B`);
    const inputs = down.length / rank;
    const outputs = (up?.length ?? 0) / rank;
    if (base?.length !== inputs * outputs) {
      const rule = `the adapter of "${layer}" must fit a matrix of ${base?.length ?? "no"} weights`;
      throw new InputError({ where: checkpoint.dir, rule, got: `${inputs} x ${outputs}` });
    }
    const sum = base.slice();
    for (let j = 0; j < outputs; j++)
      for (let r = 0; r < rank; r++) {
        const b = scale * up![r * outputs + j]!;
        for (let i = 0; i < inputs; i++) sum[j * inputs + i]! += b * down[i * rank + r]!;
      }
    weights.set(`${layer}.weight`, sum);
  }
  return { ...checkpoint, weights };
}

/**
 * Writes config.json, model.safetensors (F32, under the names of transformers 5's modules) and copies of the other files of the
 * folder that it was read from. Weights that no graph needs, such as CLIP's last norm in a LLaVA, are not in it.
 */
export async function writeCheckpoint(dir: string, checkpoint: Checkpoint): Promise<void> {
  const { dir: source, parameters, weights, blueprint } = checkpoint;
  if (path.resolve(dir) === path.resolve(source))
    throw new InputError({ where: dir, rule: "must be another folder than the checkpoint's own" });
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape } of parameters) tensors.set(name, { shape, data: weights.get(name)! });
  await writeSafetensors(path.join(dir, "model.safetensors"), { tensors, metadata: { format: "pt" } });
  const config = await readFile(path.join(source, "config.json"), "utf8");
  await writeFileAtomic(path.join(dir, "config.json"), restated(config, blueprint));
  for (const file of companions)
    if (existsSync(path.join(source, file))) await copyFile(path.join(source, file), path.join(dir, file));
}

/**
 * The configuration's text with the new number format, and with a head of its own where it has one. Changed as text:
 * transformers 5 refuses 1 where a number with a fraction is expected, and to write 1.0 again takes the text.
 */
function restated(config: string, { text }: Checkpoint["blueprint"]): string {
  const typed = config.replace(/("(?:torch_)?dtype"\s*:\s*)"\w+"/g, '$1"float32"');
  return text && !text.config.tied ? typed.replace(/("tie_word_embeddings"\s*:\s*)true/g, "$1false") : typed;
}
