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
import { networkCode } from "./with-retries.ts";

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
  if (path.isAbsolute(source)) return load(source, { where: `"${source}"`, modelId: source });
  const { download = false, cacheDir = path.join(os.homedir(), ".cache", "sightline", "models") } = options;
  const where = `local:${source}`;
  if (download) return load(source, { where, modelId: source, cacheDir, onProgress: options.onProgress });
  // The cache is opened as a plain folder: by its id, the library would ask the hub about files that are missing.
  const folder = path.join(cacheDir, source);
  const near = path.resolve(source);
  const hint = existsSync(path.join(near, "config.json"))
    ? `For the folder, write local:${near}.`
    : "Add --download to fetch it from the Hugging Face hub.";
  if (!existsSync(path.join(folder, "config.json"))) {
    throw new SetupError({ where, rule: `the weights are not in "${cacheDir}"`, hint });
  }
  try {
    return await load(folder, { where, modelId: source });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError({ where, rule: error.rule, got: error.got, hint, cause: error });
  }
}

interface LoadOptions {
  where: string;
  modelId: string;
  /** Set when the source is a hub id that may be fetched. */
  cacheDir?: string;
  onProgress?: DownloadOptions["onProgress"];
}

async function load(
  source: string,
  { where, modelId, cacheDir, onProgress }: LoadOptions,
): Promise<LanguageModel> {
  const checked = cacheDir === undefined ? await checkCheckpoint(source) : undefined;
  const library = await import("@huggingface/transformers");
  library.env.logLevel = library.LogLevel.ERROR;
  const progress_callback = (info: ProgressInfo) => {
    if (info.status === "progress") onProgress?.({ file: info.file, loaded: info.loaded, total: info.total });
  };
  const loading =
    cacheDir === undefined ? { local_files_only: true } : { cache_dir: cacheDir, progress_callback };
  try {
    const config: { model_type?: unknown } = await library.AutoConfig.from_pretrained(source, loading);
    const order = checked?.order ?? architectureOf(config.model_type, where);
    const processor = await library.AutoProcessor.from_pretrained(source, loading);
    const opened = await library.AutoModelForImageTextToText.from_pretrained(source, {
      ...loading,
      ...(checked ? { dtype: checked.dtype } : {}),
    });
    const model = opened as unknown as GeneratingModel;
    return createTransformersModel({ library, processor, model, order, modelId });
  } catch (error) {
    throw SightlineError.isInstance(error) ? error : loadError(error, where);
  }
}

/** Says in one line why the library could not open a model. */
export function loadError(error: unknown, where: string): SetupError {
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0]!.replace(/\.$/, "");
  const missing = /not found locally at "(.*)"|Could not locate file: "(.*)"/.exec(message);
  if (missing) {
    const file = path.basename(missing[1] ?? missing[2]!);
    return new SetupError({ where, rule: `the model lacks ${file}`, cause: error });
  }
  if (networkCode(error) !== undefined || message === "fetch failed") {
    const hint = "Check the network, or copy the model into the cache.";
    return new SetupError({
      where,
      rule: "cannot be fetched from the Hugging Face hub",
      got: networkCode(error),
      hint,
      cause: error,
    });
  }
  return new SetupError({ where, rule: "the model cannot be opened", got: message, cause: error });
}
