// What a run on a checkpoint leaves behind: OUT/adapter in PEFT's layout, and OUT/model, a folder of the same layout as the one that
// it started from, with all that was learned in its weights.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import { writeAdapter } from "../adapter-files.ts";
import type { CheckpointRecipe } from "./checkpoint-recipe.ts";
import { trainedCheckpoint } from "./trained-checkpoint.ts";
import type { TunedCheckpoint } from "./tune-checkpoint.ts";
import { mergeAdapter, writeCheckpoint } from "./write-checkpoint.ts";

/** Writes what the recipe wants; the folders that were written, in order. */
export async function exportTunedCheckpoint(
  out: string,
  {
    lora,
    data,
    checkpoint: base,
    export: wanted = lora ? ["adapter", "model"] : ["model"],
  }: CheckpointRecipe,
  { checkpoint: read, trained }: TunedCheckpoint,
): Promise<string[]> {
  const { checkpoint, adapter } = trainedCheckpoint(read, trained, lora);
  const written: string[] = [];
  if (adapter && wanted.includes("adapter")) {
    written.push(path.join(out, "adapter"));
    await writeAdapter(written.at(-1)!, adapter, base);
  }
  if (wanted.includes("model")) {
    written.push(path.join(out, "model"));
    await writeCheckpoint(written.at(-1)!, adapter ? mergeAdapter(checkpoint, adapter) : checkpoint);
    if (data.splitting !== undefined) await writeSplitting(written.at(-1)!, data.splitting);
  }
  return written;
}

/** Says in the processor's files whether pictures are cut into parts, as the model learned from them. */
async function writeSplitting(dir: string, splitting: boolean): Promise<void> {
  for (const name of ["preprocessor_config.json", "processor_config.json"]) {
    const file = path.join(dir, name);
    if (!existsSync(file)) continue;
    const config = JSON.parse(await readFile(file, "utf8"));
    const processor = config.image_processor ?? config;
    if (!/^(Idefics3|SmolVLM)/.test(processor.image_processor_type ?? "")) continue;
    processor.do_image_splitting = splitting;
    await writeFileAtomic(file, `${JSON.stringify(config, null, 2)}\n`);
  }
}
