// What a stage will train and what that takes, worked out from its graph before the first step.
import { totalmem } from "node:os";
import { SetupError } from "../errors/index.ts";
import { type Graph, matrixFlops, peakBytes } from "../onnx/index.ts";
import type { ParameterLayout } from "./parameters.ts";
import { type ModelPart, modelParts, partOf, rateOf } from "./rates.ts";
import type { Recipe } from "./recipe.ts";
import { buildTrainingStep } from "./training-graph.ts";

export interface StagePlan {
  stage: string;
  /** Weights of the whole model, and those that this stage trains, by part; adapters count to the part they are in. */
  parameters: { total: number; trained: number; byPart: Record<ModelPart, number> };
  /** Matrix products of one step of all workers, in floating-point operations. */
  flops: number;
  /** Weights, gradients, optimiser state and what a step holds at once, of all workers, in bytes: an estimate. */
  bytes: number;
}

/** Plans every stage. @throws SetupError when a stage needs more memory than the machine has */
export function planStages(recipe: Recipe, layout: ParameterLayout, memory = totalmem()): StagePlan[] {
  return recipe.stages.map((stage) => {
    const isTrained = (name: string) => rateOf(name, stage, { lora: recipe.lora !== undefined }) > 0;
    const losses = {
      objective: stage.objective,
      sizes: recipe.pack,
      cellClasses: [0],
      groundWeight: stage.groundWeight,
    };
    const { graph, trained } = buildTrainingStep(recipe.model, losses, {
      isTrained,
      lora: recipe.lora,
      recompute: stage.recompute,
    });
    const names = new Set(trained);
    const byPart = Object.fromEntries(modelParts.map((part) => [part, 0])) as Record<ModelPart, number>;
    let total = 0;
    for (const { name, size } of layout.parameters) {
      total += size;
      if (names.has(name)) byPart[partOf(name)] += size;
    }
    const copies = 3 + 3 * recipe.workers;
    const sizes = { batch_size: stage.batch };
    const bytes = 4 * copies * layout.size + recipe.workers * stepBytes(graph, sizes);
    checkMemory(stage.name, {
      bytes,
      memory,
      hint: "Use a smaller batch, fewer workers or a smaller model.",
    });
    return {
      stage: stage.name,
      parameters: { total, trained: Object.values(byPart).reduce((a, b) => a + b, 0), byPart },
      flops: recipe.workers * matrixFlops(graph, sizes),
      bytes,
    };
  });
}

/** Refuses a stage that takes more bytes than the machine has. */
export function checkMemory(
  stage: string,
  { bytes, memory, hint }: { bytes: number; memory: number; hint: string },
): void {
  if (bytes <= memory) return;
  const gib = (n: number) => `${(n / 2 ** 30).toFixed(1)} GiB`;
  throw new SetupError({
    where: `recipe stage "${stage}"`,
    rule: `must fit this machine's ${gib(memory)} of memory`,
    got: `about ${gib(bytes)}`,
    hint,
  });
}

/** ONNX Runtime's allocator was measured to take 1.2 to 1.6 times what a step holds at once (`npm run bench:recompute`). */
const ALLOCATED = 1.5;

/** What a step takes beside its weights, in bytes; `sizes` gives the run-time dimensions by symbol. */
export function stepBytes(graph: Graph, sizes: Record<string, number>): number {
  return ALLOCATED * peakBytes(graph, sizes);
}

/** One line for people: "answer: trains 0.3 of 2.4 M parameters (language 0.3 M); 95 GFLOP a step; about 1.2 GiB". */
export function formatPlan({ stage, parameters, flops, bytes }: StagePlan): string {
  const millions = (n: number) => (n / 1e6).toFixed(n < 1e5 ? 3 : 2);
  const parts = modelParts
    .filter((part) => parameters.byPart[part] > 0)
    .map((part) => `${part} ${millions(parameters.byPart[part])} M`);
  return (
    `${stage}: trains ${millions(parameters.trained)} of ${millions(parameters.total)} M parameters ` +
    `(${parts.join(", ")}); ${(flops / 1e9).toFixed(1)} GFLOP a step; about ${(bytes / 2 ** 30).toFixed(2)} GiB`
  );
}
