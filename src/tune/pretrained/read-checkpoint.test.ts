import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import os, { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../safetensors.ts";
import { readCheckpoint } from "./read-checkpoint.ts";

const fixtures = path.join(import.meta.dirname, "../../../test/fixtures/pretrained");
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-pretrained-"));
});
afterAll(() => rm(root, { recursive: true }));

type Config = Record<string, unknown>;
type Stored = Map<string, StoredTensor>;

let made = 0;

/** A copy of a fixture with another configuration or other tensors. */
async function changed(
  name: string,
  { config, tensors }: { config?: (config: Config) => Config; tensors?: (tensors: Stored) => void },
): Promise<string> {
  const dir = path.join(root, `${made++}`);
  await cp(path.join(fixtures, name), dir, { recursive: true });
  if (config) {
    const file = path.join(dir, "config.json");
    await writeFile(file, JSON.stringify(config(JSON.parse(await readFile(file, "utf8")))));
  }
  if (tensors) {
    const file = path.join(dir, "model.safetensors");
    const stored = await readSafetensors(file);
    tensors(stored.tensors);
    await writeSafetensors(file, stored);
  }
  return dir;
}

const without = (config: Config, ...names: string[]): Config =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)));

describe("is refused with the reason", () => {
  const configs: [string, string, (config: Config) => Config, string][] = [
    [
      "an architecture that is not known",
      "llama",
      (c) => ({ ...c, architectures: ["LlamaForCausalLMs"] }),
      'the architecture must be one of LlamaForCausalLM, Qwen2ForCausalLM, CLIPVisionModel, SiglipVisionModel, LlavaForConditionalGeneration, Idefics3ForConditionalGeneration, SmolVLMForConditionalGeneration, got "LlamaForCausalLMs". Did you mean LlamaForCausalLM?',
    ],
    [
      "a name of every object",
      "llama",
      (c) => ({ ...c, architectures: ["constructor"] }),
      'SmolVLMForConditionalGeneration, got "constructor".',
    ],
    ["no name at all", "llama", () => ({}), "got no architectures and no model_type."],
    [
      "a size out of bounds",
      "llama",
      (c) => ({ ...c, num_hidden_layers: 1e9 }),
      "got num_hidden_layers: Too big",
    ],
    [
      "another activation",
      "llama",
      (c) => ({ ...c, hidden_act: "relu" }),
      "the configuration must be one that is known, got hidden_act: ",
    ],
    [
      "another stretching of positions",
      "llama",
      (c) => ({ ...c, rope_parameters: { rope_type: "yarn", factor: 4 } }),
      "got rope_parameters.rope_type: ",
    ],
    [
      "positions on a part of a head",
      "llama",
      (c) => ({ ...c, rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } }),
      "got rope_parameters.partial_rotary_factor: ",
    ],
    [
      "heads that do not divide",
      "llama",
      (c) => ({ ...c, num_key_value_heads: 3 }),
      "divide evenly among the key-value heads, got 4 heads of size 12, 3 key-value heads.",
    ],
    ["a sliding window", "qwen2", (c) => ({ ...c, use_sliding_window: true }), "got use_sliding_window: "],
    ["a size that Qwen2 must state", "qwen2", (c) => without(c, "hidden_size"), "got hidden_size: "],
    [
      "quantised weights",
      "llama",
      (c) => ({ ...c, quantization_config: { bits: 4 } }),
      "quantised checkpoints cannot be read, got quantization_config.",
    ],
    [
      "a picture of broken patches",
      "clip",
      (c) => ({ ...c, image_size: 18 }),
      "pictures must divide into whole patches, and the width into whole heads, got 18 / 4 pixels, 24 / 3.",
    ],
    [
      "a feature layer that is not there",
      "llava",
      (c) => ({ ...c, vision_feature_layer: -5 }),
      "vision_feature_layer must name one of 3 layers, got -5.",
    ],
    [
      "patches that cannot be joined",
      "smolvlm",
      (c) => ({ ...c, scale_factor: 3 }),
      "scale_factor must divide the 4 patches of a row, got 3.",
    ],
    [
      "another tower",
      "llava",
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Config), model_type: "pixtral" } }),
      "got vision_config.model_type: ",
    ],
    [
      "a wrong shape by config.json",
      "llama",
      (c) => ({ ...c, intermediate_size: 40 }),
      '"model.layers.0.mlp.gate_proj.weight" of LlamaForCausalLM must have shape [40,32], got [48,32].',
    ],
    [
      "a layer too many in the file",
      "llama",
      (c) => ({ ...c, num_hidden_layers: 1 }),
      'every tensor must be one that LlamaForCausalLM with this config.json has, got "model.layers.1.',
    ],
    [
      "a head that is missing",
      "llama",
      (c) => ({ ...c, tie_word_embeddings: false }),
      '"lm_head.weight" of LlamaForCausalLM must have shape [96,32], got nothing.',
    ],
  ];
  test.each(configs)("%s", async (_, name, config, message) => {
    await expect(readCheckpoint(await changed(name, { config }))).rejects.toThrow(message);
  });

  test("a tensor that is missing, and one of another shape, before any is read", async () => {
    const name = "model.layers.1.self_attn.k_proj.weight";
    const missing = await changed("llama", { tensors: (t) => t.delete(name) });
    await expect(readCheckpoint(missing)).rejects.toThrow(
      `${missing}: "${name}" of LlamaForCausalLM must have shape [24,32], got nothing.`,
    );
    const turned = await changed("llama", {
      tensors: (t) => t.set(name, { shape: [32, 24], data: t.get(name)!.data }),
    });
    await expect(readCheckpoint(turned)).rejects.toThrow(
      `"${name}" of LlamaForCausalLM must have shape [24,32], got [32,24].`,
    );
  });

  test("weights that the machine's memory cannot hold", async () => {
    const memory = vi.spyOn(os, "totalmem").mockReturnValue(50_000);
    syncBuiltinESMExports();
    try {
      await expect(readCheckpoint(path.join(fixtures, "llama"))).rejects.toThrow(
        "the weights need 0.0 GiB as F32, got a machine of 0.0 GiB.",
      );
    } finally {
      memory.mockRestore();
      syncBuiltinESMExports();
    }
    expect((await readCheckpoint(path.join(fixtures, "llama"))).weights.size).toBe(20);
  });

  test("a folder without its files, and a file that is no JSON", async () => {
    const dir = path.join(root, "empty");
    await expect(readCheckpoint(dir)).rejects.toThrow(
      `${path.join(dir, "config.json")}: a checkpoint must have this file. A checkpoint folder has the files of a Hugging Face repository.`,
    );
    const bare = await changed("llama", {});
    await rm(path.join(bare, "model.safetensors"));
    await expect(readCheckpoint(bare)).rejects.toThrow(
      `${bare}: a checkpoint must have model.safetensors or model.safetensors.index.json. Weights in .bin or .gguf`,
    );
    await writeFile(path.join(bare, "config.json"), "{");
    await expect(readCheckpoint(bare)).rejects.toThrow(
      `${path.join(bare, "config.json")}: must be JSON, got `,
    );
  });
});

describe("an index of several files", () => {
  const file = "model.safetensors.index.json";
  const remapped = async (change: (map: Record<string, string>) => void) => {
    const dir = await changed("llama-sharded", {});
    const index = JSON.parse(await readFile(path.join(dir, file), "utf8"));
    change(index.weight_map);
    await writeFile(path.join(dir, file), JSON.stringify(index));
    return dir;
  };
  const name = "model.norm.weight";
  const cases: [string, (map: Record<string, string>) => void, string][] = [
    [
      "a path out of the folder",
      (m) => {
        m[name] = "../model.safetensors";
      },
      `must give a .safetensors file of the same folder for every tensor, got weight_map.${name}: `,
    ],
    [
      "a file that is not there",
      (m) => {
        m[name] = "other.safetensors";
      },
      "every file it lists must be there, got other.safetensors.",
    ],
    [
      "a tensor in another file than it says",
      (m) => {
        m["model.embed_tokens.weight"] = m[name]!;
      },
      "must be in the file that the index names, got model-0",
    ],
    [
      "a tensor that no file has",
      (m) => {
        m["model.lost"] = m[name]!;
      },
      '"model.lost" must be in model-0',
    ],
    [
      "a file's tensor that it does not list",
      (m) => {
        delete m[name];
      },
      `"${name}" must be in the file that the index names, got no file and model-0`,
    ],
  ];
  test.each(cases)("that has %s is refused", async (_, change, message) => {
    await expect(readCheckpoint(await remapped(change))).rejects.toThrow(message);
  });
});

describe("as published", () => {
  test("names of older versions are changed to those of transformers 5", async () => {
    const now = await readCheckpoint(path.join(fixtures, "llava"));
    const dir = await changed("llava", {
      tensors: (tensors) => {
        for (const [name, tensor] of [...tensors]) {
          if (!name.startsWith("vision_tower.")) continue;
          tensors.delete(name);
          tensors.set(name.replace("vision_tower.", "vision_tower.vision_model."), tensor);
        }
        const positions = { shape: [1, 17], data: new Float32Array(17) };
        tensors.set("vision_tower.vision_model.embeddings.position_ids", positions);
      },
    });
    const older = await readCheckpoint(dir);
    expect(older.parameters.map(({ name }) => name)).toContain(
      "model.language_model.layers.0.self_attn.q_proj.weight",
    );
    expect(older.weights).toEqual(now.weights);
    const twice = await changed("llava", {
      tensors: (t) => t.set("model.language_model.norm.weight", t.get("language_model.model.norm.weight")!),
    });
    await expect(readCheckpoint(twice)).rejects.toThrow(
      '"model.language_model.norm.weight" must be stored once',
    );
  });

  test("what LLaVA-1.5's configuration leaves out is as transformers has it", async () => {
    // Its file has no layers of this size: the first tensor that is compared tells which sizes were taken.
    const dir = await changed("llava", {
      config: (c) => ({
        architectures: c.architectures,
        model_type: "llava",
        image_token_index: 32000,
        vision_config: {
          hidden_size: 1024,
          image_size: 336,
          intermediate_size: 4096,
          num_attention_heads: 16,
          num_hidden_layers: 24,
          patch_size: 14,
        },
        text_config: { model_type: "llama", vocab_size: 32064, rms_norm_eps: 1e-5, pad_token_id: null },
      }),
    });
    await expect(readCheckpoint(dir)).rejects.toThrow(
      '"model.vision_tower.embeddings.patch_embedding.weight" of LlavaForConditionalGeneration must have shape [1024,3,14,14], got [24,3,4,4].',
    );
  });

  test("rope_theta and rope_scaling of transformers 4 say what rope_parameters says", async () => {
    const now = await readCheckpoint(path.join(fixtures, "llama"));
    const dir = await changed("llama", {
      config: (c) => {
        const { rope_theta, rope_type, ...scaling } = c.rope_parameters as Config;
        return {
          ...without(c, "rope_parameters"),
          rope_theta,
          rope_scaling: { type: rope_type, ...scaling },
        };
      },
    });
    const { rope } = (await readCheckpoint(dir)).blueprint.text!.config;
    expect(rope).toMatchObject(now.blueprint.text!.config.rope);
  });

  test("a head in the file is used, whatever the configuration says", async () => {
    const dir = await changed("llama", {
      tensors: (t) => t.set("lm_head.weight", { shape: [96, 32], data: new Float32Array(96 * 32) }),
    });
    const { blueprint, weights } = await readCheckpoint(dir);
    expect(blueprint.text!.config.tied).toBe(false);
    expect(weights.has("lm_head.weight")).toBe(true);
  });
});
