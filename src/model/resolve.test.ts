import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { capabilities } from "./capabilities.ts";
import { bundledModel, resolveModel } from "./resolve.ts";

test.each([
  ["openai:gpt-x", "openai:gpt-x: needs an API key. Set the variable OPENAI_API_KEY."],
  ["anthropic:claude-x", "anthropic:claude-x: needs an API key. Set the variable ANTHROPIC_API_KEY."],
  ["google:gemini-x", "google:gemini-x: needs an API key. Set the variable GOOGLE_GENERATIVE_AI_API_KEY."],
])("%s without a key names the variable", async (spec, message) => {
  await expect(resolveModel(spec, { env: {} })).rejects.toThrow(
    expect.objectContaining({ message: message }),
  );
});

test.each([
  ["openai:gpt-x", "OPENAI_API_KEY", "gpt-x"],
  ["anthropic:claude-x", "ANTHROPIC_API_KEY", "claude-x"],
  ["google:gemini-x", "GOOGLE_GENERATIVE_AI_API_KEY", "gemini-x"],
])("%s with a key is a model that takes tools", async (spec, name, modelId) => {
  const model = await resolveModel(spec, { env: { [name]: "k" } });
  expect(model.specificationVersion).toBe("v4");
  expect(model.modelId).toBe(modelId);
  expect(capabilities(model).toolCalls).toBe(true);
});

test("a folder that is not there, or lacks files, or holds another architecture", async () => {
  await expect(resolveModel("local:/no/such/folder")).rejects.toThrow(
    expect.objectContaining({
      message: 'local:/no/such/folder: there is no such folder, got "/no/such/folder".',
    }),
  );
  const dir = await mkdtemp(path.join(os.tmpdir(), "sightline-"));
  const put = (file: string, text = "{}") => writeFile(path.join(dir, file), text);
  await put("config.json", '{"model_type":"bert"}');
  await put("tokenizer.json");
  await expect(resolveModel(`local:${dir}`)).rejects.toThrow(
    `"${dir}": the model folder lacks preprocessor_config.json, tokenizer_config.json. A model folder has the files of a Hugging Face repository.`,
  );
  await put("preprocessor_config.json");
  await put("tokenizer_config.json");
  await expect(resolveModel(`local:${dir}`)).rejects.toThrow(
    `"${dir}": the architecture must be one of gemma3, idefics3, lfm2_vl, llava, mistral3, paligemma, qwen2_5_vl, qwen2_vl, qwen3_vl, smolvlm, got "bert".`,
  );
  await put("config.json", '{"model_type":"smolvlm"}');
  await expect(resolveModel(`local:${dir}`)).rejects.toThrow(
    `"${dir}": the model folder lacks onnx/*.onnx. Export the model to ONNX first: weights in .safetensors are for Python.`,
  );
  await put("config.json", "{");
  await expect(resolveModel(`local:${dir}`)).rejects.toThrow(
    `"${path.join(dir, "config.json")}": must be JSON, got`,
  );
});

test("a hub model that is not in the cache names the flag, and nothing is fetched or written", async () => {
  const cacheDir = path.join(await mkdtemp(path.join(os.tmpdir(), "sightline-")), "models");
  await expect(resolveModel("local:owner/name", { cacheDir })).rejects.toThrow(
    expect.objectContaining({
      message: `local:owner/name: the weights are not in "${cacheDir}". Add --download to fetch it from the Hugging Face hub.`,
    }),
  );
  expect(existsSync(cacheDir)).toBe(false);
});

test("a folder that is written like a hub id is told how folders are written", async () => {
  const cacheDir = path.join(await mkdtemp(path.join(os.tmpdir(), "sightline-")), "models");
  const near = path.resolve("models/tiny");
  await expect(resolveModel("local:models/tiny", { cacheDir })).rejects.toThrow(
    `the weights are not in "${cacheDir}". For the folder, write local:${near}.`,
  );
});

test("the bundled models lie beside the package's own package.json", () => {
  expect(bundledModel("tiny")).toBe(path.resolve(import.meta.dirname, "../../models/tiny"));
});
