import { type ResolveOptions, resolveModel } from "../model/resolve.ts";
import type { LanguageModel } from "../spec/index.ts";
import { createProgress } from "./progress.ts";

/** Opens a model by name, with a progress bar while weights are fetched. */
export async function openModel(
  spec: string,
  { download, timeoutMs, retry }: Pick<ResolveOptions, "download" | "timeoutMs" | "retry">,
): Promise<LanguageModel> {
  const progress = createProgress();
  let current = "";
  try {
    return await resolveModel(spec, {
      download,
      timeoutMs,
      retry,
      async openCheckpoint(dir, options) {
        const { openCheckpointModel } = await import("../tune/pretrained/index.ts");
        return openCheckpointModel(dir, options);
      },
      onProgress({ file, loaded, total }) {
        if (file !== current) progress.start(file, total);
        current = file;
        progress.advance(loaded);
      },
    });
  } finally {
    progress.stop();
  }
}
