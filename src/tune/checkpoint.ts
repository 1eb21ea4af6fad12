// A checkpoint holds everything that a run needs to go on as if it had never stopped: weights, optimiser state, and
// where in the recipe it was. Data needs no state: lessons follow from the step's number.

import { existsSync } from "node:fs";
import { InputError } from "../errors/index.ts";
import { type ParameterLayout, viewOf } from "./parameters.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

/** Flat arrays of one model. */
export interface TrainingState {
  weights: Float32Array;
  first: Float32Array;
  second: Float32Array;
}

/** The next step to make: number of the stage in the recipe, and of the step in the stage. */
export interface Progress {
  stage: number;
  step: number;
}

const parts = ["weights", "first", "second"] as const;

/** Writes a checkpoint, whole or not at all. `recipe` is the recipe's hash. */
export async function saveCheckpoint(
  file: string,
  layout: ParameterLayout,
  state: TrainingState,
  { stage, step, recipe }: Progress & { recipe: string },
): Promise<void> {
  const tensors = new Map<string, StoredTensor>();
  for (const part of parts) {
    for (const parameter of layout.parameters) {
      tensors.set(`${part}.${parameter.name}`, {
        shape: parameter.shape,
        data: viewOf(state[part], parameter),
      });
    }
  }
  await writeSafetensors(file, { tensors, metadata: { stage: `${stage}`, step: `${step}`, recipe } });
}

/** Reads a checkpoint of this recipe into `state`. */
export async function loadCheckpoint(
  file: string,
  layout: ParameterLayout,
  state: TrainingState,
  recipe: string,
): Promise<Progress> {
  if (!existsSync(file)) {
    const hint = "Start without --resume, or name the folder of an earlier run with --out.";
    throw new InputError({ where: file, rule: "there must be a checkpoint to resume from", hint });
  }
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata.recipe !== recipe) {
    const hint = "Resume with the recipe file that the run was started with.";
    throw new InputError({
      where: file,
      rule: `checkpoint must be of recipe ${recipe}`,
      got: `${metadata.recipe}`,
      hint,
    });
  }
  for (const part of parts) {
    for (const parameter of layout.parameters) {
      const name = `${part}.${parameter.name}`;
      const stored = tensors.get(name);
      if (!stored || `${stored.shape}` !== `${parameter.shape}`) {
        const got = stored ? `[${stored.shape}]` : "nothing";
        throw new InputError({ where: file, rule: `"${name}" must have shape [${parameter.shape}]`, got });
      }
      viewOf(state[part], parameter).set(stored.data);
    }
  }
  return { stage: Number(metadata.stage), step: Number(metadata.step) };
}
