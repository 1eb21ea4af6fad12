import { expect, test } from "vitest";
import { howToGoOn } from "./training-bar.ts";

test("how to go on can be pasted into a shell, with what was said in place of the recipe", () => {
  expect(howToGoOn("recipes/tiny.yaml", "out", [])).toBe(
    "stopped; go on with: sightline tune recipes/tiny.yaml --out out --resume\n",
  );
  expect(howToGoOn("my recipe.yaml", "out", ["seed=3", "name=it's"])).toBe(
    "stopped; go on with: sightline tune 'my recipe.yaml' --out out --set seed=3 --set 'name=it'\\''s' --resume\n",
  );
});
