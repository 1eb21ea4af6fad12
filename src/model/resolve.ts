// From a model's name to a LanguageModel. Every provider is loaded when it is first asked for, so that naming a hosted
// model loads no native code and naming `tiny` loads no HTTP client.
import { existsSync } from "node:fs";
import path from "node:path";
import { InputError, SetupError } from "../errors/index.ts";
import type { Capabilities, LanguageModel } from "../spec/index.ts";
import { declareCapabilities } from "./capabilities.ts";
import { parseModelSpec } from "./model-spec.ts";
import { addressOf, withProviderErrors } from "./provider-errors.ts";
import { withToolPictures } from "./tool-pictures.ts";
import type { DownloadOptions } from "./transformers.ts";
import { type RetryOptions, withRetries } from "./with-retries.ts";
import { withTimeout } from "./with-timeout.ts";

export interface ResolveOptions extends DownloadOptions {
  /** Where keys are looked up. @default process.env */
  env?: Record<string, string | undefined>;
  /** Longest silence of a hosted model. @default 300000 */
  timeoutMs?: number;
  retry?: RetryOptions;
  /** Opens a folder with weights in safetensors, such as `openCheckpointModel` of sightline/tune. @default refused */
  openCheckpoint?(dir: string, options: { modelId: string }): Promise<LanguageModel>;
}

/** Capabilities of a model behind an API: tools, and nothing that needs its inside. */
const hosted: Capabilities = {
  toolCalls: true,
  logprobs: false,
  choices: false,
  contrast: false,
  prefixCache: false,
};

/**
 * Finds the model that a name stands for.
 * @example
 * const model = await resolveModel("http://127.0.0.1:8000/v1#qwen2.5-vl");
 */
export async function resolveModel(spec: string, options: ResolveOptions = {}): Promise<LanguageModel> {
  const { env = process.env } = options;
  const parsed = parseModelSpec(spec);
  switch (parsed.kind) {
    case "tiny":
      return openFolder(bundledModel("tiny"), "tiny");
    case "folder":
      return openFolder(parsed.dir, spec, options);
    case "hub": {
      const { openTransformersModel } = await import("./transformers.ts");
      return openTransformersModel(parsed.id, options);
    }
    case "openai": {
      const apiKey = requireKey(env, "OPENAI_API_KEY", spec);
      const { createOpenAI } = await import("@ai-sdk/openai");
      return decorate(createOpenAI({ apiKey })(parsed.model), spec, "OPENAI_API_KEY", options);
    }
    case "anthropic": {
      const apiKey = requireKey(env, "ANTHROPIC_API_KEY", spec);
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return decorate(createAnthropic({ apiKey })(parsed.model), spec, "ANTHROPIC_API_KEY", options);
    }
    case "google": {
      const name = "GOOGLE_GENERATIVE_AI_API_KEY";
      const apiKey = requireKey(env, name, spec);
      const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
      return decorate(createGoogleGenerativeAI({ apiKey })(parsed.model), spec, name, options);
    }
    case "server": {
      const url = new URL(parsed.url);
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const provider = createOpenAICompatible({
        name: "server",
        baseURL: `${url.origin}${url.pathname}`,
        queryParams: Object.fromEntries(url.searchParams),
        includeUsage: true,
        apiKey: env.SIGHTLINE_API_KEY,
      });
      // Servers of open models often leave thoughts in the text, between tags.
      const { extractReasoningMiddleware, wrapLanguageModel } = await import("ai");
      const model = wrapLanguageModel({
        model: withToolPictures(provider(parsed.model)),
        middleware: extractReasoningMiddleware({ tagName: "think" }),
      });
      return decorate(model, addressOf(parsed.url) ?? spec, "SIGHTLINE_API_KEY", options);
    }
  }
}

function decorate(
  model: LanguageModel,
  where: string,
  keyVariable: string,
  { timeoutMs = 300_000, retry }: ResolveOptions,
): LanguageModel {
  const patient = withRetries(withTimeout(model, { timeoutMs, where }), retry);
  return declareCapabilities(withProviderErrors(patient, { where, keyVariable }), hosted);
}

function requireKey(env: Record<string, string | undefined>, name: string, spec: string): string {
  const key = env[name];
  if (key) return key;
  throw new SetupError({ where: spec, rule: "needs an API key", hint: `Set the variable ${name}.` });
}

async function openFolder(
  dir: string,
  where: string,
  { openCheckpoint }: Pick<ResolveOptions, "openCheckpoint"> = {},
): Promise<LanguageModel> {
  if (!existsSync(dir)) throw new InputError({ where, rule: "there is no such folder", got: `"${dir}"` });
  if (isCheckpointFolder(dir)) {
    if (openCheckpoint) return openCheckpoint(dir, { modelId: where });
    const hint = "Give openCheckpointModel of sightline/tune as openCheckpoint, or open the folder with it.";
    const rule = "a folder of safetensors without onnx/ takes a way to open it";
    throw new SetupError({ where, rule, hint });
  }
  const { isLlavaFolder, loadLocalModel } = await import("./local/index.ts");
  if (await isLlavaFolder(dir)) return loadLocalModel(dir, { modelId: where });
  const { openTransformersModel } = await import("./transformers.ts");
  return openTransformersModel(dir);
}

/** True for the layout of a Hugging Face repository with PyTorch weights only. */
function isCheckpointFolder(dir: string): boolean {
  const has = (file: string) => existsSync(path.join(dir, file));
  return (
    has("config.json") && !has("onnx") && (has("model.safetensors") || has("model.safetensors.index.json"))
  );
}

/** The folder of a model that ships with the package, in a clone and in an installed package alike. */
export function bundledModel(name: string): string {
  let dir = import.meta.dirname;
  while (!existsSync(path.join(dir, "package.json")) && path.dirname(dir) !== dir) dir = path.dirname(dir);
  return path.join(dir, "models", name);
}
