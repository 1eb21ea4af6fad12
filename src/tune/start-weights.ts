// The weights that a run begins with when its recipe starts from an exported model. The recipe may have another bridge,
// adapters, or more layers: layers that the smaller one lacks are added behind its own. What closes an added
// layer starts at zero, so that the layer adds nothing at first and the model begins exactly as good as it was (the
// deepening of Net2Net, Chen et al. 2016, arXiv 1511.05641, for residual layers).
import { InputError } from "../errors/index.ts";
import type { StartedModel } from "./export.ts";
import { isAdapter } from "./lora.ts";
import { bridgeOf, type ModelConfig } from "./model-config.ts";
import { type ParameterLayout, viewOf } from "./parameters.ts";
import { partOf } from "./rates.ts";
import type { Recipe } from "./recipe.ts";
import { marksName, thingHeadName } from "./thing-head.ts";
import { placesName } from "./vision-tower.ts";

/** Parts that a model to start from may lack. */
const mayBeNew = new Set([thingHeadName, placesName, marksName]);

/**
 * Fills the flat array with the weights of `start`; what it lacks keeps its initial values. Throws InputError for weights
 * that do not fit the recipe's model.
 */
export function fillWeights(
  { parameters }: ParameterLayout,
  flat: Float32Array,
  { weights, config }: StartedModel,
  { model, start }: Pick<Recipe, "model" | "start">,
): void {
  refuseShallower(config, model, start!);
  const otherBridge = JSON.stringify(bridgeOf(config)) !== JSON.stringify(bridgeOf(model));
  for (const parameter of parameters) {
    const { name } = parameter;
    if (isAdapter(name) || (otherBridge && partOf(name) === "bridge")) continue;
    if (mayBeNew.has(name) && !weights.has(name)) continue;
    if (isGrown(name, config)) {
      if (closesLayer(name)) viewOf(flat, parameter).fill(0);
      continue;
    }
    const stored = weights.get(name);
    // Places belong to the tokens of a bridge; another one may have more or fewer.
    if (otherBridge && name === placesName && `${stored?.shape}` !== `${parameter.shape}`) continue;
    if (!stored || `${stored.shape}` !== `${parameter.shape}`) {
      const got = stored ? `[${stored.shape}]` : "nothing";
      throw new InputError({ where: start!, rule: `"${name}" must have shape [${parameter.shape}]`, got });
    }
    viewOf(flat, parameter).set(stored.data);
  }
}

/** True for a parameter of a layer that a model of these sizes lacks. */
function isGrown(name: string, had: ModelConfig): boolean {
  const layers = [
    [/^vision\.stem\.blocks\.(\d+)\./, had.stemBlocks],
    [/^vision\.layers\.(\d+)\./, had.visionLayers],
    [/^decoder\.layers\.(\d+)\./, had.decoderLayers],
  ] as const;
  return layers.some(([pattern, count]) => Number(pattern.exec(name)?.[1] ?? -1) >= count);
}

/** True for the matrices whose product is added to what a layer was given. */
export function closesLayer(name: string): boolean {
  return /\.(conv|attention\.output|feed_forward\.down)$/.test(name);
}

/** Refuses sizes with fewer layers than the model that training starts from: layers would be lost without a word. */
function refuseShallower(had: ModelConfig, model: ModelConfig, start: string): void {
  for (const name of ["stemBlocks", "visionLayers", "decoderLayers"] as const) {
    if (model[name] >= had[name]) continue;
    const rule = `model.${name} must be at least that of the model it starts from (${had[name]})`;
    throw new InputError({ where: start, rule, got: `${model[name]}` });
  }
}
