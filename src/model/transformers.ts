// Models of other architectures, run by transformers.js: a folder of a Hugging Face repository with ONNX weights, or a
// hub id. Our own decode loop (local/) serves the LLaVA layout; this is the way for everything else. One call at a
// time: a second one waits, since two would only share the same cores.
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ProgressInfo } from "@huggingface/transformers";
import { SetupError, SightlineError } from "../errors/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { architectureOf, checkCheckpoint } from "./check-checkpoint.ts";
import { createTransformersModel, type GeneratingModel } from "./transformers-model.ts";

/** What may be fetched, and where it is kept. */
export interface DownloadOptions {
  /** Fetches weights that are not there. @default false */
  download?: boolean;
  /** Folder for fetched weights. @default ~/.cache/sightline/models */
  cacheDir?: string;
  /** Called while weights are being fetched. */
  onProgress?: (progress: { file: string; loaded: number; total: number }) => void;
}

/** Opens a folder (absolute path) or a hub id with transformers.js. */
export async function openTransformersModel(
  source: string,
  options: DownloadOptions = {},
): Promise<LanguageModel> {
  const isFolder = path.isAbsolute(source);
  const { download = false, cacheDir = path.join(os.homedir(), ".cache", "sightline", "models") } = options;
  const where = isFolder ? `"${source}"` : `local:${source}`;
  const checked = isFolder ? await checkCheckpoint(source) : undefined;
  if (!isFolder && !download && !existsSync(path.join(cacheDir, source, "config.json"))) {
    const hint = "Add --download to fetch it from the Hugging Face hub.";
    throw new SetupError({ where, rule: `the weights are not in "${cacheDir}"`, hint });
  }
  const library = await import("@huggingface/transformers");
  library.env.logLevel = library.LogLevel.ERROR;
  const loading = {
    cache_dir: cacheDir,
    local_files_only: isFolder || !download,
    progress_callback: (info: ProgressInfo) => {
      if (info.status === "progress")
        options.onProgress?.({ file: info.file, loaded: info.loaded, total: info.total });
    },
  };
  try {
    const config: { model_type?: unknown } = await library.AutoConfig.from_pretrained(source, loading);
    const order = checked?.order ?? architectureOf(config.model_type, where);
    const processor = await library.AutoProcessor.from_pretrained(source, loading);
    const model = await library.AutoModelForImageTextToText.from_pretrained(source, {
      ...loading,
      ...(checked ? { dtype: checked.dtype } : {}),
    });
    return createTransformersModel({
      library,
      processor,
      model: model as unknown as GeneratingModel,
      order,
      modelId: source,
    });
  } catch (error) {
    if (SightlineError.isInstance(error)) throw error;
    const message = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
    const file = /not found locally at "(.*)"|Could not locate file: "(.*)"/.exec(message);
    if (file) {
      const hint = isFolder || download ? undefined : "Add --download to fetch it from the Hugging Face hub.";
      throw new SetupError({
        where,
        rule: `the model lacks ${path.basename(file[1] ?? file[2]!)}`,
        hint,
        cause: error,
      });
    }
    throw new SetupError({
      where,
      rule: "the model cannot be opened",
      got: message.replace(/\.$/, ""),
      cause: error,
    });
  }
}
