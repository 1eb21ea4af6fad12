import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { InputError, SetupError } from "../../errors/index.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { checkFolder, isLlavaFolder } from "./check-folder.ts";
import { loadLocalModel } from "./local-model.ts";

const tokenizer = trainBpe([], { vocabSize: 400, specialTokens: SPECIAL_TOKENS });
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-folder-"));
  await writeTinyLlava(dir, { tokenizer });
});
afterEach(() => rm(dir, { recursive: true }));

async function change(file: string, edit: (json: Record<string, unknown>) => void): Promise<void> {
  const json = JSON.parse(await readFile(path.join(dir, file), "utf8"));
  edit(json);
  await writeFile(path.join(dir, file), JSON.stringify(json));
}

describe("checkFolder", () => {
  it("reads a whole folder", async () => {
    const folder = await checkFolder(dir);
    expect(folder.endTokens).toEqual([2]);
    expect(folder.onnx.decoder_model_merged).toBe(path.join(dir, "onnx/decoder_model_merged.onnx"));
    expect(folder.config.sightline).toEqual({ plainQuestions: true, maxImages: 4 });
    expect(await isLlavaFolder(dir)).toBe(true);
  });

  it("says that there is no folder", async () => {
    const missing = path.join(dir, "nothing");
    await expect(checkFolder(missing)).rejects.toThrow(
      new SetupError({ where: "local model", rule: "must be a folder", got: `"${missing}"` }),
    );
    expect(await isLlavaFolder(missing)).toBe(false);
  });

  it("lists every missing file", async () => {
    await rm(path.join(dir, "tokenizer_config.json"));
    await rm(path.join(dir, "onnx/embed_tokens.onnx"));
    await expect(checkFolder(dir)).rejects.toThrow(
      `local model "${dir}": must have all files of the LLaVA layout, got no tokenizer_config.json, ` +
        "onnx/embed_tokens.onnx. Copy the whole folder, or export the model again.",
    );
  });

  it("refuses another architecture", async () => {
    await change("config.json", (json) => {
      json.model_type = "qwen2_vl";
    });
    await expect(checkFolder(dir)).rejects.toThrow(
      new InputError({
        where: `"${path.join(dir, "config.json")}"`,
        rule: 'model_type must be "llava" to run in Sightline\'s own decode loop',
        got: '"qwen2_vl"',
      }),
    );
    expect(await isLlavaFolder(dir)).toBe(false);
  });

  it("names the field that is wrong", async () => {
    await change("config.json", (json) => {
      (json.text_config as Record<string, unknown>).num_hidden_layers = "two";
    });
    await expect(checkFolder(dir)).rejects.toThrow(
      `"${path.join(dir, "config.json")}": text_config.num_hidden_layers: invalid input: expected number, received string, ` +
        'got "two".',
    );
  });

  it("names a file that is not JSON", async () => {
    await writeFile(path.join(dir, "tokenizer.json"), "version https://git-lfs");
    await expect(checkFolder(dir)).rejects.toThrow(
      `"${path.join(dir, "tokenizer.json")}": must hold a JSON object, got "version https://git-lfs".`,
    );
  });

  it("needs a chat template and an end token", async () => {
    await change("tokenizer_config.json", (json) => {
      delete json.chat_template;
    });
    await expect(checkFolder(dir)).rejects.toThrow("chat_template: must be a Jinja template, got nothing.");
    await writeFile(path.join(dir, "chat_template.jinja"), "{{ messages }}");
    expect((await checkFolder(dir)).chatTemplate).toBe("{{ messages }}");
    await rm(path.join(dir, "generation_config.json"));
    expect((await checkFolder(dir)).endTokens).toEqual([2]);
    await change("config.json", (json) => {
      delete (json.text_config as Record<string, unknown>).eos_token_id;
    });
    await expect(checkFolder(dir)).rejects.toThrow(
      "text_config.eos_token_id: must name the token that ends an answer, got nothing.",
    );
  });

  it("takes the ONNX files of the dtype that the config names, else those that exist", async () => {
    const file = (name: string) => path.join(dir, "onnx", name);
    await writeFile(file("vision_encoder_fp16.onnx"), "");
    await rename(file("embed_tokens.onnx"), file("embed_tokens_quantized.onnx"));
    await change("config.json", (json) => {
      json["transformers.js_config"] = { dtype: { vision_encoder: "fp16", embed_tokens: "fp32" } };
    });
    const { onnx } = await checkFolder(dir);
    expect(onnx).toEqual({
      vision_encoder: file("vision_encoder_fp16.onnx"),
      embed_tokens: file("embed_tokens_quantized.onnx"),
      decoder_model_merged: file("decoder_model_merged.onnx"),
    });
  });
});

describe("loadLocalModel", () => {
  it("says which inputs a graph of another kind lacks", async () => {
    await change("config.json", (json) => {
      (json.text_config as Record<string, unknown>).num_hidden_layers = 3;
    });
    await expect(loadLocalModel(dir)).rejects.toThrow(
      `"${path.join(dir, "onnx/decoder_model_merged.onnx")}": must have the inputs and outputs of the LLaVA layout for ` +
        "3 layers, got no past_key_values.2.key, past_key_values.2.value, present.2.key, present.2.value.",
    );
  });

  it("says when the parts are not of one model", async () => {
    await change("config.json", (json) => {
      (json.text_config as Record<string, unknown>).hidden_size = 48;
    });
    await expect(loadLocalModel(dir)).rejects.toThrow(
      `"${path.join(dir, "onnx/vision_encoder.onnx")}": output must be as wide as config.json's ` +
        "text_config.hidden_size (48), got 32.",
    );
  });

  it("says what is wrong with a damaged ONNX file", async () => {
    await mkdir(path.join(dir, "onnx"), { recursive: true });
    await writeFile(path.join(dir, "onnx/vision_encoder.onnx"), "not a model");
    await expect(loadLocalModel(dir)).rejects.toThrow(
      `${path.join(dir, "onnx/vision_encoder.onnx")}: ONNX Runtime must accept the model`,
    );
  });

  it("wants one square picture size", async () => {
    await change("preprocessor_config.json", (json) => {
      json.size = { width: 28, height: 56 };
    });
    await expect(loadLocalModel(dir)).rejects.toThrow(
      `"${dir}/preprocessor_config.json": size or crop_size must give one square size, ` +
        'got {"size":{"width":28,"height":56}}.',
    );
  });
});
