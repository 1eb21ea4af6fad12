import { existsSync } from "node:fs";
import path from "node:path";
import { InputError } from "../errors/index.ts";
import { isLlavaFolder } from "../model/local/check-folder.ts";
import { type LoadedEncoder, loadLocalEncoder } from "../model/local/encoder.ts";
import { parseModelSpec } from "../model/model-spec.ts";
import { bundledModel } from "../model/resolve.ts";
import type { DownloadOptions } from "../model/transformers.ts";
import { openTransformersEncoder } from "../model/transformers-encoder.ts";

/**
 * Finds the encoder that a name stands for: `tiny`, `local:FOLDER` (LLaVA layout, or a CLIP or SigLIP with ONNX weights)
 * or `local:HUB-ID` (CLIP or SigLIP).
 */
export async function resolveEncoder(name: string, options: DownloadOptions = {}): Promise<LoadedEncoder> {
  const parsed = parseModelSpec(name);
  switch (parsed.kind) {
    case "tiny":
      return loadLocalEncoder(bundledModel("tiny"), { name });
    case "folder":
      if (!existsSync(parsed.dir))
        throw new InputError({ where: name, rule: "there is no such folder", got: `"${parsed.dir}"` });
      if (await isLlavaFolder(parsed.dir))
        return loadLocalEncoder(parsed.dir, { name: path.basename(parsed.dir) });
      return openTransformersEncoder(parsed.dir, options);
    case "hub":
      return openTransformersEncoder(parsed.id, options);
    default:
      throw new InputError({
        where: name,
        rule: "an encoder must run on this machine",
        hint: "Use tiny, or local: with a folder or a hub id of CLIP or SigLIP.",
      });
  }
}
