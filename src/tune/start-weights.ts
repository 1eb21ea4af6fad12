// The weights that a run begins with when its recipe starts from an exported model. The recipe may have another bridge,
// adapters, pictures of another size, or more layers: layers that the smaller one lacks are added behind its own. What closes an added
// layer starts at zero, so that the layer adds nothing at first and the model begins exactly as good as it was (the
// deepening of Net2Net, Chen et al. 2016, arXiv 1511.05641, for residual layers).
import { InputError } from "../errors/index.ts";
import type { StartedModel } from "./export.ts";
import { isAdapter } from "./lora.ts";
import { bridgeOf, type ModelConfig } from "./model-config.ts";
import { type ParameterLayout, viewOf } from "./parameters.ts";
import { partOf } from "./rates.ts";
import type { Recipe } from "./recipe.ts";
import { leadersName, marksName, numbersName, thingHeadName, thingSidesName } from "./thing-head.ts";
import { placesName, positionsName } from "./vision-tower.ts";

type Stored = NonNullable<ReturnType<StartedModel["weights"]["get"]>>;

/** Parts that a model to start from may lack. */
const mayBeNew = new Set([thingHeadName, placesName, marksName, leadersName, thingSidesName, numbersName]);

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
    const stored = atPlaces(name, weights.get(name), parameter.shape);
    // Places belong to the tokens of a bridge; another one may have more or fewer.
    if (otherBridge && name === placesName && `${stored?.shape}` !== `${parameter.shape}`) continue;
    if (!stored || `${stored.shape}` !== `${parameter.shape}`) {
      const got = stored ? `[${stored.shape}]` : "nothing";
      throw new InputError({ where: start!, rule: `"${name}" must have shape [${parameter.shape}]`, got });
    }
    viewOf(flat, parameter).set(stored.data);
  }
}

/**
 * Vectors for the places of a picture of another size are drawn from those that were learned, as if they were the pixels of a
 * small picture (Vision Transformer, Dosovitskiy et al. 2021, arXiv 2010.11929, section 3.2).
 */
function atPlaces(name: string, stored: Stored | undefined, shape: readonly number[]): Stored | undefined {
  if (!stored || (name !== positionsName && name !== placesName)) return stored;
  const [from, to] = [stored.shape[0]!, shape[0]!].map(Math.sqrt) as [number, number];
  if (from === to || !Number.isInteger(from) || !Number.isInteger(to)) return stored;
  return { shape: [to * to, stored.shape[1]!], data: resizeGrid(stored.data, from, to, stored.shape[1]!) };
}

/** Bilinear, cell centres on cell centres; [from, from, width] to [to, to, width]. */
function resizeGrid(data: Float32Array, from: number, to: number, width: number): Float32Array {
  const line = Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  });
  const out = new Float32Array(to * to * width);
  line.forEach((y, row) => {
    line.forEach((x, column) => {
      for (let i = 0; i < width; i++) {
        const value = (r: number, c: number) => data[(r * from + c) * width + i]!;
        const across = (r: number) => (1 - x.share) * value(r, x.low) + x.share * value(r, x.high);
        out[(row * to + column) * width + i] = (1 - y.share) * across(y.low) + y.share * across(y.high);
      }
    });
  });
  return out;
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
