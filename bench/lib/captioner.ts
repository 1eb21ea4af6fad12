// The model that experiments on instruction tuning begin with: the eye of `tiny`, and a decoder that starts anew and has only
// learned to say what a picture shows. It was never asked a question.
import path from "node:path";
import type { TrainedType } from "../../src/data/scenes/index.ts";
import { createTurnEncoder } from "../../src/tune/encode-turn.ts";
import { exportModel, type Recipe, readExportedModel } from "../../src/tune/index.ts";
import { initialize, recordParameters, viewOf } from "../../src/tune/parameters.ts";
import { cellClassNames, cellClassTokens } from "../../src/tune/scene-lessons.ts";
import { declareParameters } from "../../src/tune/training-graph.ts";
import { tuneOnce } from "./tune-once.ts";

/** Families of questions that instruction tuning teaches, in the order in which they are added. */
export const families: readonly TrainedType[] = [
  ...(["counting", "naming"] as const),
  ...(["existence", "position"] as const),
  ...(["category", "reading", "absent", "caption"] as const),
];

const tiny = path.join(import.meta.dirname, "../../models/tiny");

/** A recipe for pictures behind the frozen eye of `tiny`, from the model in `start`. */
export async function recipeFrom(
  start: string,
  { name, steps, data, seed }: { name: string; steps: number; data: Partial<Recipe["data"]>; seed: number },
): Promise<Recipe> {
  const { config } = await readExportedModel(tiny);
  return {
    ...{ name, seed, workers: 2, start, model: config, checkpointEvery: steps + 1 },
    pack: { slots: 93, rows: 60 },
    data: { questions: 8, conversations: 0, rationales: 0, ...data },
    evaluation: { every: steps, pictures: 160 },
    stages: [
      {
        ...{ name: "answer", objective: "answer", steps, batch: 8, learningRate: 0.006, accumulate: 1 },
        ...{ warmup: Math.ceil(steps / 10), floor: 0.05, weightDecay: 0.01, clip: 1, groundWeight: 0 },
        parts: { vision: 0, bridge: 0, language: 1 },
        rates: [{ names: "embedding", factor: 0.3 }],
      },
    ],
  };
}

/** Makes the model in `folder`, or finds it there; gives the folder of the exported model. */
export async function makeCaptioner(
  folder: string,
  { steps, seed }: { steps: number; seed: number },
): Promise<string> {
  const fresh = path.join(folder, "fresh");
  const { config, weights, tokenizer } = await readExportedModel(tiny);
  const layout = recordParameters((source) => declareParameters(source, config));
  const flat = new Float32Array(layout.size);
  initialize(layout, flat, seed);
  const isNew = (name: string) => name.startsWith("decoder.");
  await exportModel(fresh, {
    config,
    tokenizer,
    weights: new Map(
      layout.parameters.map((p) => [p.name, isNew(p.name) ? viewOf(flat, p) : weights.get(p.name)!.data]),
    ),
    grounding: { names: cellClassNames, tokens: cellClassTokens(createTurnEncoder(tokenizer)) },
  });
  const recipe = await recipeFrom(fresh, { name: "captions", steps, seed, data: { types: ["caption"] } });
  return tuneOnce(path.join(folder, "captions"), recipe);
}
