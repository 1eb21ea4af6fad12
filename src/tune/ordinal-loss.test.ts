import path from "node:path";
import { expect, test } from "vitest";
import { concepts, loadWorld, makeScene, stylesOf } from "../data/scenes/index.ts";
import { ordinalsOf } from "./ordinal-loss.ts";
import { loadRecipe, recipeSchema } from "./recipe.ts";
import { groundTruth } from "./scene-lessons.ts";

test("a thing's cell says the how-manieth of its kind it is, another how many things there were up to it", () => {
  const things = [
    { cell: 1, ordinal: 1 },
    { cell: 2, ordinal: 1 },
    { cell: 5, ordinal: 2 },
  ];
  const { targets, weights } = ordinalsOf(things, 7);
  expect(targets).toEqual([0, 1, 1, 2, 2, 2, 3]);
  expect(weights).toEqual([0.1, 1, 1, 0.1, 0.1, 1, 0.1]);
});

test("two things in one cell: it says the later ordinal; past nine it says nine", () => {
  const both = [
    { cell: 0, ordinal: 1 },
    { cell: 0, ordinal: 2 },
  ];
  expect(ordinalsOf(both, 2).targets).toEqual([2, 2]);
  const many = Array.from({ length: 12 }, (_, cell) => ({ cell, ordinal: cell + 1 }));
  expect(ordinalsOf(many, 13).targets.slice(8)).toEqual([9, 9, 9, 9, 9]);
});

test("where things or their kinds are not known, nothing counts", () => {
  expect(ordinalsOf(undefined, 2).weights).toEqual([0, 0]);
  expect(ordinalsOf([{ cell: 0, ordinal: 1 }, { cell: 1 }], 2).weights).toEqual([0, 0]);
});

test("in generated pictures the ordinals of a kind are 1 to its number, in the order of the cells", async () => {
  const world = await loadWorld({ styles: stylesOf("val") });
  let repeated = 0;
  for (let index = 0; index < 60; index++) {
    const scene = makeScene(world, { split: "val", seed: 11, index });
    const { things } = groundTruth(scene);
    for (const concept of concepts.keys()) {
      const same = things!.filter((_, i) => scene.objects[i]!.concept === concept);
      const inOrder = same.toSorted((a, b) => a.cell - b.cell || a.ordinal! - b.ordinal!);
      expect(inOrder.map(({ ordinal }) => ordinal)).toEqual(same.map((_, i) => i + 1));
      if (same.length > 1) repeated++;
    }
  }
  expect(repeated).toBeGreaterThan(10);
});

test("a recipe whose tokens are no cells cannot ask for it", async () => {
  const file = path.resolve(import.meta.dirname, "../../recipes/tiny-ordinals.yaml");
  const recipe = await loadRecipe(file);
  const model = { ...recipe.model, tokenPlaces: false, thingMarks: false };
  const joined = { ...model, bridge: { kind: "linear", shuffle: 7 } };
  expect(recipeSchema.safeParse({ ...recipe, model }).success).toBe(true);
  expect(recipeSchema.safeParse({ ...recipe, model: joined }).error?.issues).toMatchObject([
    { path: ["stages"], message: expect.stringMatching(/^must have no ordinalWeight/) },
  ]);
});
