// Where transformers.js reads a model from: a folder (absolute path), or the cache of what was fetched by its id in the Hugging
// Face hub. A cached model is opened as a plain folder: by its id, the library would ask the hub about files that are missing.
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ProgressInfo } from "@huggingface/transformers";
import { SetupError } from "../errors/index.ts";
import type { DownloadOptions } from "./transformers.ts";

/** The library, and what to tell it about one source. */
export interface HubSource {
  library: typeof import("@huggingface/transformers");
  /** Folder or id to load from. */
  from: string;
  /** Folder in which the files lie, or will. */
  folder: string;
  /** Options of every `from_pretrained`. */
  loading:
    | { local_files_only: true }
    | { cache_dir: string; progress_callback: (info: ProgressInfo) => void };
}

/** Loads the library for a source. Throws SetupError when the weights are not there and may not be fetched. */
export async function openHubSource(
  source: string,
  {
    where,
    hint,
    download = false,
    cacheDir = path.join(os.homedir(), ".cache", "sightline", "models"),
    onProgress,
  }: DownloadOptions & { where: string; hint: string },
): Promise<HubSource> {
  const isFolder = path.isAbsolute(source);
  const folder = isFolder ? source : path.join(cacheDir, source);
  const fetches = !isFolder && download;
  if (!fetches && !existsSync(path.join(folder, "config.json")))
    throw new SetupError({
      where,
      rule: `the weights are not in "${folder}"`,
      hint: isFolder ? undefined : hint,
    });
  const library = await import("@huggingface/transformers");
  library.env.logLevel = library.LogLevel.ERROR;
  if (!fetches) return { library, from: folder, folder, loading: { local_files_only: true } };
  const progress_callback = (info: ProgressInfo) => {
    if (info.status === "progress") onProgress?.({ file: info.file, loaded: info.loaded, total: info.total });
  };
  return { library, from: source, folder, loading: { cache_dir: cacheDir, progress_callback } };
}
