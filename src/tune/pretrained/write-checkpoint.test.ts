import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAdapter } from "../adapter-files.ts";
import { loadPretrained } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { mergeAdapter, writeCheckpoint } from "./write-checkpoint.ts";

const fixture = (name: string) => path.join(import.meta.dirname, "../../../test/fixtures/pretrained", name);
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-merged-"));
});
afterAll(() => rm(root, { recursive: true }));

test("a merged checkpoint says by itself what the base says with the adapter", async () => {
  const checkpoint = await readCheckpoint(fixture("llama"));
  const adapter = await readAdapter(path.join(checkpoint.dir, "adapter"));
  const before = checkpoint.weights.get("model.layers.0.self_attn.q_proj.weight")!.slice();
  const dir = path.join(root, "merged");
  await writeCheckpoint(dir, mergeAdapter(checkpoint, adapter));
  expect(checkpoint.weights.get("model.layers.0.self_attn.q_proj.weight")).toEqual(before);
  const [merged, adapted] = [await loadPretrained(dir), await loadPretrained(checkpoint.dir, { adapter })];
  const ids = [1, 20, 30, 40, 50];
  const expected = (await adapted.logits(ids)).data;
  (await merged.logits(ids)).data.forEach((logit, i) => {
    expect(logit).toBeCloseTo(expected[i]!, 4);
  });
  await merged.dispose();
  await adapted.dispose();
  const wrong = new Map(adapter.weights).set("model.layers.0.self_attn.q_proj.lora_B", new Float32Array(8));
  expect(() => mergeAdapter(checkpoint, { ...adapter, weights: wrong })).toThrow(
    'the adapter of "model.layers.0.self_attn.q_proj" must fit a matrix of 1536 weights, got 32 x 2.',
  );
});

test.each(["llama-sharded", "qwen2", "llava", "smolvlm"])("%s is read again as it was", async (name) => {
  const checkpoint = await readCheckpoint(fixture(name));
  const dir = path.join(root, name);
  await writeCheckpoint(dir, checkpoint);
  const again = await readCheckpoint(dir);
  expect(again.weights).toEqual(checkpoint.weights);
  expect(again.blueprint.text).toEqual(checkpoint.blueprint.text);
  const config = await readFile(path.join(dir, "config.json"), "utf8");
  expect(config).toMatch(/"dtype": "float32"/);
  expect(config).not.toMatch(/float16/);
  // As text: transformers 5 takes 1.0 for a number with a fraction, and not 1.
  if (name === "llava") expect(config).toMatch(/"initializer_factor": 1\.0/);
  await expect(writeCheckpoint(checkpoint.dir, checkpoint)).rejects.toThrow("must be another folder");
});

test("a head that the file has of its own is written, and the configuration says so", async () => {
  const checkpoint = await readCheckpoint(fixture("qwen2"));
  const head = new Float32Array(96 * 32).fill(0.5);
  const parameters = [...checkpoint.parameters];
  parameters.push({ name: "lm_head.weight", shape: [96, 32], init: 0, optimizer: "muon" });
  const text = {
    ...checkpoint.blueprint.text!,
    config: { ...checkpoint.blueprint.text!.config, tied: false },
  };
  const weights = new Map(checkpoint.weights).set("lm_head.weight", head);
  const dir = path.join(root, "own-head");
  await writeCheckpoint(dir, { ...checkpoint, parameters, weights, blueprint: { text } });
  expect(await readFile(path.join(dir, "config.json"), "utf8")).toMatch(/"tie_word_embeddings": false/);
  expect((await readCheckpoint(dir)).weights.get("lm_head.weight")).toEqual(head);
});
