import path from "node:path";
import { expect, test } from "vitest";
import { checkpointRecipeSchema, isCheckpointRecipe, loadCheckpointRecipe } from "./checkpoint-recipe.ts";
import { checkpointPart, checkpointRate } from "./parts.ts";

const recipes = path.resolve(import.meta.dirname, "../../../recipes");

test("the example is a recipe, and is told from those of our own architecture", async () => {
  const file = path.join(recipes, "smolvlm-lora.yaml");
  expect(await isCheckpointRecipe(file)).toBe(true);
  expect(await isCheckpointRecipe(path.join(recipes, "tiny.yaml"))).toBe(false);
  expect(await isCheckpointRecipe(path.join(recipes, "none.yaml"))).toBe(false);
  const { stages } = await loadCheckpointRecipe(file);
  const rate = (stage: number, name: string) => checkpointRate(name, stages[stage]!, true);
  const connector = "model.connector.modality_projection.proj.weight";
  const adapter = "model.text_model.layers.0.self_attn.q_proj.lora_A";
  expect([0, 1].map((stage) => rate(stage, connector))).toEqual([1, 0.1]);
  expect([0, 1].map((stage) => rate(stage, adapter))).toEqual([0, 1]);
  expect(rate(0, "model.vision_model.post_layernorm.weight")).toBe(0);
  expect(rate(1, "lm_head.weight")).toBe(0);
});

test("parts are told by the names of transformers' modules; a name comes before its part, the last one counts", () => {
  expect(checkpointPart("model.vision_model.encoder.layers.0.mlp.fc1.weight")).toBe("vision");
  expect(checkpointPart("model.connector.modality_projection.proj.lora_B")).toBe("bridge");
  expect(checkpointPart("model.embed_tokens.weight")).toBe("language");
  const rates = [
    { names: "*.lora_A", factor: 0 },
    { names: "*.q_proj.*", factor: 2 },
  ];
  expect(checkpointRate("a.q_proj.lora_A", { rates, parts: { adapters: 0.5 } }, true)).toBe(2);
  expect(checkpointRate("a.v_proj.lora_A", { rates, parts: { adapters: 0.5 } }, true)).toBe(0);
  expect(checkpointRate("a.v_proj.lora_B", { rates, parts: { adapters: 0.5 } }, true)).toBe(0.5);
  expect(checkpointRate("a.v_proj.weight", { rates }, true)).toBe(0);
  expect(checkpointRate("a.v_proj.weight", { rates }, false)).toBe(1);
});

test("a stage packs its conversations or groups them by length, not both", async () => {
  const recipe = await loadCheckpointRecipe(path.join(recipes, "smolvlm-lora.yaml"));
  const wrong = recipe.stages.map((stage) => ({ ...stage, packing: true, groupByLength: true }));
  expect(checkpointRecipeSchema.safeParse({ ...recipe, stages: wrong }).error?.issues[0]).toMatchObject({
    ...{
      path: ["stages"],
      message: expect.stringMatching(/^must not have groupByLength and packing at once/),
    },
  });
});
