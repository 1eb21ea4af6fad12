// Instruction data in a folder that a trainer for larger machines takes as it is: rows, pictures and, where the trainer
// has one, the file that describes the dataset.
//   llama-factory: dataset_info.json maps the columns of train.jsonl; pictures start from `media_dir`.
//   ms-swift: train.jsonl in its standard form; pictures start from the environment's ROOT_IMAGE_DIR.
//   trl: Parquet shards with the pictures inside, which `datasets` loads from the folder.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../errors/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { type AdaptOptions, type AdaptReport, adapt } from "./adapt.ts";

/** Trainers that data can be exported for. */
export const trainers = ["llama-factory", "ms-swift", "trl"] as const;
export type Trainer = (typeof trainers)[number];

export interface ExportOptions
  extends Pick<
    AdaptOptions,
    "limit" | "keepExtra" | "trust" | "strict" | "maxRejects" | "signal" | "onProgress"
  > {
  /** New or empty folder to write. */
  out: string;
}

/** What was exported, and the command that trains on it. */
export interface ExportReport extends AdaptReport {
  command: string;
}

/** Writes a dataset for a trainer. */
export async function exportForTrainer(
  trainer: Trainer,
  spec: string,
  { out, ...options }: ExportOptions,
): Promise<ExportReport> {
  const held = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new InputError({ where: "--out", rule: `must be a folder, got "${out}"`, cause: error });
  });
  // A run that stopped at its bad rows left the first two, one that was stopped its partial files; it may be run again.
  const isUsed = held.some(
    (name) => name !== "rejects.jsonl" && name !== "media" && !/\.partial(\.|$)/.test(name),
  );
  if (isUsed) {
    throw new InputError({
      ...{ where: "--out", rule: "must be a new or empty folder", got: `"${out}"` },
    });
  }
  const format = trainer === "trl" ? "hf" : trainer;
  const target = path.join(out, trainer === "trl" ? "train" : "train.jsonl");
  const report = await adapt(spec, { ...options, format, out: target, needResponse: true });
  const name = datasetName(out);
  if (trainer === "llama-factory") {
    const info = path.join(out, "dataset_info.json");
    await writeFileAtomic(info, `${JSON.stringify({ [name]: llamaFactoryEntry }, null, 2)}\n`);
    report.files.push(info);
  }
  const folder = JSON.stringify(path.resolve(out));
  const commands: Record<Trainer, string> = {
    "llama-factory": `llamafactory-cli train YOUR.yaml dataset=${name} dataset_dir=${folder} media_dir=${folder}`,
    "ms-swift": `ROOT_IMAGE_DIR=${folder} swift sft --model MODEL --dataset ${JSON.stringify(path.resolve(target))}`,
    trl: `trl sft --model_name_or_path MODEL --dataset_name ${folder}`,
  };
  return { ...report, command: commands[trainer] };
}

/** How LLaMA-Factory is to read train.jsonl: chat messages with roles by OpenAI's names, in its "sharegpt" layout. */
const llamaFactoryEntry = {
  file_name: "train.jsonl",
  formatting: "sharegpt",
  columns: { messages: "messages", images: "images" },
  tags: {
    role_tag: "role",
    content_tag: "content",
    user_tag: "user",
    assistant_tag: "assistant",
    system_tag: "system",
  },
};

/** LLaMA-Factory names datasets in a comma-separated list. */
function datasetName(out: string): string {
  return path.basename(path.resolve(out)).replace(/[^\w-]+/g, "_") || "dataset";
}
