// What a stage will train of a checkpoint and what that takes, worked out from its graph before the first step; and recipes whose
// stages do not fit the checkpoint.
import { totalmem } from "node:os";
import { InputError } from "../../errors/index.ts";
import { matrixFlops } from "../../onnx/index.ts";
import { isAdapter } from "../lora.ts";
import { fitsPattern } from "../name-pattern.ts";
import type { ParameterLayout } from "../parameters.ts";
import { type ModelPart, modelParts } from "../rates.ts";
import { checkMemory, type StagePlan, stepBytes } from "../training-plan.ts";
import type { CheckpointRecipe, CheckpointStage } from "./checkpoint-recipe.ts";
import { trainedLayout } from "./gradients.ts";
import { buildTrainingGraph } from "./graphs.ts";
import { bucketLengths } from "./length-buckets.ts";
import { checkpointPart, checkpointRate } from "./parts.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import type { ExampleSet } from "./training-examples.ts";

/** The parameters that some stage trains. Throws InputError for a stage that trains none, and for names that fit none. */
export function trainedByStages(
  checkpoint: Checkpoint,
  { lora, stages, export: wanted }: CheckpointRecipe,
): ParameterLayout {
  const { parameters } = trainedLayout(checkpoint, lora, () => true);
  const rateIn = (stage: CheckpointStage) => (name: string) =>
    checkpointRate(name, stage, lora !== undefined);
  for (const stage of stages) {
    const bad = (rule: string, got: string, hint?: string) =>
      new InputError({ where: `recipe stage "${stage.name}"`, rule, got, hint });
    const idle = stage.rates?.find(({ names }) => !parameters.some(({ name }) => fitsPattern(name, names)));
    if (idle) {
      const hint = `Its parameters are such as ${parameters[0]!.name} and ${parameters.at(-1)!.name}.`;
      throw bad("names in rates must fit a parameter of the checkpoint", `"${idle.names}"`, hint);
    }
    for (const part of modelParts) {
      if (!stage.parts?.[part] || parameters.some(({ name }) => checkpointPart(name) === part)) continue;
      throw bad(`parts.${part} must be a part of the checkpoint`, checkpoint.architecture);
    }
    if (stage.parts?.adapters && !lora)
      throw bad("parts.adapters needs lora in the recipe", `${stage.parts.adapters}`);
    if (!parameters.some(({ name }) => rateIn(stage)(name) > 0))
      throw bad("must train something", "0 parameters");
  }
  const layout = trainedLayout(checkpoint, lora, (name) => stages.some((stage) => rateIn(stage)(name) > 0));
  const more = layout.parameters.find(({ name }) => !isAdapter(name));
  if (wanted && !wanted.includes("model") && more) {
    const rule = 'must have "model": an adapter does not hold what other parameters learned';
    throw new InputError({ where: "recipe export", rule, got: `${more.name} is trained` });
  }
  return layout;
}

/** Plans a stage. @throws SetupError when it needs more memory than the machine has */
export function planCheckpointStage(
  stage: CheckpointStage,
  {
    recipe: { lora },
    checkpoint,
    layout,
    set,
  }: { recipe: CheckpointRecipe; checkpoint: Checkpoint; layout: ParameterLayout; set: ExampleSet },
  memory = totalmem(),
): StagePlan {
  const lengths = stage.groupByLength ? bucketLengths(set.longest) : [set.longest];
  const graphs = lengths.map((length) =>
    buildTrainingGraph(checkpoint.blueprint, {
      ...{ length, lora, recompute: stage.recompute, packed: stage.packing },
      isTrained: (name) => checkpointRate(name, stage, lora !== undefined) > 0,
    }),
  );
  const { graph, trained } = graphs.at(-1)!;
  const sizes = {
    batch_size: stage.batch,
    images: Math.max(1, stage.batch * set.most.pictures),
    rows: stage.batch * set.most.labels,
  };
  const all = trainedLayout(checkpoint, lora, () => true).parameters;
  const names = new Set(trained);
  const byPart = Object.fromEntries(modelParts.map((part) => [part, 0])) as Record<ModelPart, number>;
  let [total, base] = [0, 0];
  for (const { name, size } of all) {
    total += size;
    if (!isAdapter(name)) base += size;
    if (names.has(name)) byPart[checkpointPart(name)] += size;
  }
  // What is trained: weights, two moments, the gradient, and its sum where several are added up.
  const copies = 4 + Number(stage.accumulate > 1);
  const steps = graphs.map(({ graph }) => stepBytes(graph, sizes));
  const bytes = 4 * (base + copies * layout.size) + steps.reduce((a, b) => a + b, 0);
  checkMemory(stage.name, {
    ...{ bytes, memory },
    hint: "Use a smaller batch with accumulate, recompute, shorter conversations, or LoRA.",
  });
  const sum = Object.values(byPart).reduce((a, b) => a + b, 0);
  const flops = stage.accumulate * matrixFlops(graph, sizes);
  return { stage: stage.name, parameters: { total, trained: sum, byPart }, flops, bytes };
}
