import { expect, test } from "vitest";
import { createMetrics } from "./training-metrics.ts";

const plan = {
  stage: "answer",
  parameters: { total: 10, trained: 4, byPart: { vision: 0, bridge: 4, language: 0 } },
  ...{ flops: 1, bytes: 1 },
};
const evaluation = (step: number, accuracy: number) => ({
  ...{ stage: "answer", step, accuracy: {} },
  overall: { n: 8, accuracy, blind: 0.25, gain: accuracy - 0.25 },
});

test("gives the median step and the evaluation of the weights that the stage ended with", () => {
  let clock = 0;
  const run = createMetrics([plan, { ...plan, stage: "later" }], { now: () => clock });
  for (const at of [0, 100, 250, 5000, 5100]) {
    clock = at;
    run.step({ stage: 0 });
  }
  run.evaluation(0, evaluation(10, 0.75));
  run.evaluation(0, evaluation(20, 0.5));
  const [last, later] = run.metrics("r", false).stages;
  expect(last).toEqual({
    ...{ stage: "answer", parameters: plan.parameters, steps: 5, stepSeconds: 0.15 },
    evaluation: evaluation(20, 0.5),
  });
  expect(later).toEqual({ stage: "later", parameters: plan.parameters, steps: 0 });
  run.best({ kind: "best", stage: 0, step: 20, best: 10, accuracy: 0.75 });
  run.pace({ kind: "pace", stage: 0, waitShare: 0.02 });
  const { stages, peakMemoryBytes, finished } = run.metrics("r", true);
  expect(stages[0]!.evaluation!.step).toBe(10);
  expect(stages.map(({ waitShare }) => waitShare)).toEqual([0.02, undefined]);
  expect(finished).toBe(true);
  expect(peakMemoryBytes).toBeGreaterThan(20e6);
});
