import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { readRecipe } from "./read-recipe.ts";
import { loadRecipe, recipeHash } from "./recipe.ts";

const schema = z.strictObject({
  seed: z.number(),
  lora: z.strictObject({ targets: z.array(z.string()) }).optional(),
  stages: z.array(
    z.strictObject({
      name: z.string(),
      steps: z.number(),
      parts: z.record(z.string(), z.number()).optional(),
    }),
  ),
});
const text = "seed: 1\nstages:\n  - { name: align, steps: 2 }\n  - { name: answer, steps: 3 }\n";

let file: string;
beforeAll(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), "sightline-recipe-")), "r.yaml");
  await writeFile(file, text);
});
afterAll(() => rm(path.dirname(file), { recursive: true }));

test("fields are replaced by path: of objects, of lists by number or name, and where there was nothing", async () => {
  const read = (...overrides: string[]) => readRecipe(file, schema, overrides);
  const stages = [
    { name: "align", steps: 2 },
    { name: "answer", steps: 3 },
  ];
  expect(await read()).toEqual({ seed: 1, stages });
  expect(await read("seed=7", "stages.answer.steps=30", "stages.0.steps=20", "stages.0.steps=21")).toEqual({
    seed: 7,
    stages: [
      { name: "align", steps: 21 },
      { name: "answer", steps: 30 },
    ],
  });
  expect(await read('lora.targets=["decoder.*", a=b]', "stages.1.parts.vision=0")).toEqual({
    ...{ seed: 1, lora: { targets: ["decoder.*", "a=b"] } },
    stages: [stages[0], { ...stages[1], parts: { vision: 0 } }],
  });
});

test.each([
  ["seed", 'override "seed": must be the path of a field, = and a value. Such as'],
  ["=3", "must be the path of a field"],
  ["stages.later.steps=1", 'the list must have such an element, got "later"; it has align, answer.'],
  ["seed=[1", "the value must be YAML"],
  ["seed=many", "recipe must fit its schema, got seed: "],
  ["sed=3", /recipe must fit its schema, got recipe: .*sed/],
  ["seed.more=3", "recipe must fit its schema, got seed: "],
  ["__proto__.polluted=1", "recipe must fit its schema"],
])("an override that cannot be is refused: %s", async (override, message) => {
  await expect(readRecipe(file, schema, [override])).rejects.toThrow(message);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("an overridden recipe is another recipe: its runs do not go on with those of the file", async () => {
  const tiny = path.resolve(import.meta.dirname, "../../recipes/tiny.yaml");
  const [plain, longer] = [await loadRecipe(tiny), await loadRecipe(tiny, ["stages.answer.steps=9000"])];
  expect(longer.stages[1]!.steps).toBe(9000);
  expect(recipeHash(longer)).not.toBe(recipeHash(plain));
});
