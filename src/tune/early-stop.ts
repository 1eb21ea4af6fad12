// Stops a stage whose validation accuracy no longer rises, and gives it back the weights that were best. They lie in a file
// beside the checkpoint, so that a resumed run goes on knowing them.
import { existsSync } from "node:fs";
import { z } from "zod";
import { InputError } from "../errors/index.ts";
import { type ParameterLayout, viewOf } from "./parameters.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

export const earlyStopSchema = z.strictObject({
  /** Evaluations in a row without a better one after which the stage ends. */
  patience: z.number().int().positive(),
});

export interface EarlyStopOptions {
  /** Where the best weights are kept. */
  file: string;
  layout: ParameterLayout;
  /** Hash of the recipe, and number of the stage in it. */
  recipe: string;
  stage: number;
  patience: number;
  /** Steps between evaluations. */
  every: number;
}

/** The best evaluation so far: the step behind which it was made, and its accuracy. */
export interface BestSoFar {
  step: number;
  accuracy: number;
}

export interface EarlyStop {
  readonly best: BestSoFar | undefined;
  /** Takes an evaluation; resolves to true when the stage is to end. Equal accuracy is no better. */
  see(step: number, accuracy: number, weights: Float32Array): Promise<boolean>;
  /** Overwrites weights with the best ones. */
  restore(weights: Float32Array): void;
}

/** Opens the judge of one stage; `from` is the step that the stage goes on at, 0 for a new one. */
export async function openEarlyStop(
  { file, layout, recipe, stage, patience, every }: EarlyStopOptions,
  from: number,
): Promise<EarlyStop> {
  const kept = new Float32Array(layout.size);
  let best = from > 0 ? await readBest() : undefined;
  // An evaluation stands behind every so many steps, so how many came after the best follows from where the stage was.
  let waited = best ? Math.floor(from / every) - Math.floor(best.step / every) : 0;

  async function readBest(): Promise<BestSoFar | undefined> {
    if (!existsSync(file)) return undefined;
    const { tensors, metadata } = await readSafetensors(file);
    const step = Number(metadata.step);
    // Of another run or stage, or from behind the checkpoint: it will be reached again.
    if (metadata.recipe !== recipe || metadata.stage !== `${stage}` || !(step <= from)) return undefined;
    for (const parameter of layout.parameters) {
      const stored = tensors.get(parameter.name);
      if (`${stored?.shape}` !== `${parameter.shape}`) {
        const rule = `"${parameter.name}" must have shape [${parameter.shape}]`;
        throw new InputError({ where: file, rule, got: stored ? `[${stored.shape}]` : "nothing" });
      }
      viewOf(kept, parameter).set(stored!.data);
    }
    return { step, accuracy: Number(metadata.accuracy) };
  }

  return {
    get best() {
      return best;
    },
    async see(step, accuracy, weights) {
      if (best && accuracy <= best.accuracy) return ++waited >= patience;
      best = { step, accuracy };
      waited = 0;
      kept.set(weights);
      const tensors = new Map(
        layout.parameters.map((parameter): [string, StoredTensor] => [
          parameter.name,
          { shape: parameter.shape, data: viewOf(kept, parameter) },
        ]),
      );
      const metadata = { recipe, stage: `${stage}`, step: `${step}`, accuracy: `${accuracy}` };
      await writeSafetensors(file, { tensors, metadata });
      return false;
    },
    restore(weights) {
      if (best) weights.set(kept);
    },
  };
}
