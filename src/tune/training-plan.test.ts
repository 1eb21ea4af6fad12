import { expect, test } from "vitest";
import { SetupError } from "../errors/index.ts";
import { recordParameters } from "./parameters.ts";
import { type Recipe, recipeSchema } from "./recipe.ts";
import { declareParameters } from "./training-graph.ts";
import { formatPlan, planStages } from "./training-plan.ts";

const recipe: Recipe = recipeSchema.parse({
  name: "plan",
  seed: 1,
  workers: 2,
  model: {
    ...{ imageSize: 32, stemWidths: [8, 12], visionLayers: 1, width: 16, heads: 2, feedForward: 24 },
    ...{ bridgeWidth: 20, decoderLayers: 2, vocabulary: 300, context: 64 },
  },
  pack: { slots: 14, rows: 6 },
  data: { questions: 2, conversations: 0 },
  evaluation: { every: 1, pictures: 1 },
  checkpointEvery: 1,
  stages: [
    { name: "all", objective: "answer", steps: 1, batch: 4, learningRate: 0.1, warmup: 0 },
    {
      ...{ name: "bridge", objective: "answer", steps: 1, batch: 4, learningRate: 0.1, warmup: 0 },
      parts: { vision: 0, language: 0 },
    },
  ],
});
const layout = recordParameters((source) => declareParameters(source, recipe.model));

test("counts what each stage trains, and a frozen part costs less work", () => {
  const [all, bridge] = planStages(recipe, layout);
  const total = layout.parameters.reduce((sum, { size }) => sum + size, 0);
  expect(all!.parameters).toMatchObject({ total, trained: total });
  // norm 16, up 16*20, down 20*16, output norm 16, head for things 16*6
  expect(bridge!.parameters).toEqual({
    total,
    trained: 768,
    byPart: { vision: 0, bridge: 768, language: 0 },
  });
  expect(bridge!.flops).toBeLessThan(0.75 * all!.flops);
  expect(formatPlan(bridge!)).toMatch(
    /^bridge: trains 0\.001 of 0\.\d+ M parameters \(bridge 0\.001 M\); [\d.]+ GFLOP a step; about [\d.]+ GiB$/,
  );
});

test("what does not fit the machine is refused before it starts", () => {
  expect(() => planStages(recipe, layout, 1e5)).toThrow(SetupError);
  expect(() => planStages(recipe, layout, 1e5)).toThrow(
    /^recipe stage "all": must fit this machine's 0\.0 GiB of memory, got about/,
  );
});
