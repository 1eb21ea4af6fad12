// Reads a checkpoint folder of Hugging Face: config.json says which graph to build, the graph says which weights it needs, and
// the headers of the weight files say which are there. All of that is compared before the first weight is read.
import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import path from "node:path";
import { InputError, SetupError } from "../../errors/index.ts";
import { sym } from "../../onnx/index.ts";
import { type ParameterSource, type ParameterSpec, recordParameters } from "../parameters.ts";
import { type Blueprint, isUnused, readBlueprint, weightName } from "./architectures.ts";
import { decodeText, embeddings, textHead } from "./text-decoder.ts";
import { findWeights, readWeights, type WeightPlace } from "./weight-files.ts";

/** A checkpoint in memory. */
export interface Checkpoint {
  dir: string;
  /** The class that transformers has for it, such as "LlamaForCausalLM". */
  architecture: string;
  blueprint: Blueprint;
  /** Weights that the graphs need, by the names of transformers' modules, with their shapes. */
  parameters: ParameterSpec[];
  weights: Map<string, Float32Array>;
}

/**
 * Reads `config.json` and the weights (`model.safetensors`, or the files of `model.safetensors.index.json`) of a folder. Weights
 * in F16 and BF16 become F32. Throws InputError for an architecture that is not known, and for weights that are missing, not
 * expected or of another shape, each by name.
 */
export async function readCheckpoint(dir: string): Promise<Checkpoint> {
  const where = path.join(dir, "config.json");
  const { architecture, blueprint } = readBlueprint(await readJson(where), where);
  const places = await findRenamed(dir, architecture);
  untieOwnHead(blueprint, places);
  const { parameters, size } = recordParameters((p) => declare(p, blueprint));
  compare(parameters, places, architecture, dir);
  if (size * 4 > totalmem()) {
    const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    const rule = `the weights need ${gib(size * 4)} as F32`;
    throw new SetupError({ where: dir, rule, got: `a machine of ${gib(totalmem())}` });
  }
  const needed = new Map(parameters.map(({ name }) => [name, places.get(name)!]));
  return { dir, architecture, blueprint, parameters, weights: await readWeights(needed) };
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const hint = "A checkpoint folder has the files of a Hugging Face repository.";
    throw new SetupError({ where: file, rule: "a checkpoint must have this file", hint, cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError({ where: file, rule: "must be JSON", got: (cause as Error).message, cause });
  }
}

async function findRenamed(dir: string, architecture: string): Promise<Map<string, WeightPlace>> {
  const places = new Map<string, WeightPlace>();
  for (const [stored, place] of await findWeights(dir)) {
    const name = weightName(architecture, stored);
    if (places.has(name))
      throw new InputError({ where: dir, rule: `"${name}" must be stored once`, got: stored });
    places.set(name, place);
  }
  return places;
}

/** A file that holds a head of its own is believed over a configuration that says the head is tied. */
function untieOwnHead({ text }: Blueprint, places: ReadonlyMap<string, WeightPlace>): void {
  if (text && places.has("lm_head.weight")) text.config.tied = false;
}

/** Asks for every weight that the blueprint's graphs need. */
export function declare(p: ParameterSource, { text, image }: Blueprint): void {
  const { graph } = p;
  if (image) {
    const { channels, side } = image;
    image.see(p, graph.input("pixels", "float32", [sym("images"), channels, side, side]));
  }
  if (!text) return;
  const { config, prefix } = text;
  embeddings(p, prefix, config);
  const tables = () => graph.constant(new Float32Array(config.headSize), [1, 1, 1, config.headSize]);
  const hidden = decodeText(
    p,
    prefix,
    graph.input("rows", "float32", [sym("batch_size"), config.width]),
    config,
    {
      batch: sym("batch_size"),
      length: 1,
      cosines: tables(),
      sines: tables(),
      bias: graph.constant(new Float32Array(1), [1, 1, 1, 1]),
    },
  );
  textHead(p, prefix, hidden, config);
}

function compare(
  parameters: readonly ParameterSpec[],
  places: ReadonlyMap<string, WeightPlace>,
  architecture: string,
  dir: string,
): void {
  const expected = new Map(parameters.map((parameter) => [parameter.name, parameter.shape]));
  for (const [name, shape] of expected) {
    const place = places.get(name);
    if (place && `${place.shape}` === `${shape}`) continue;
    const got = place ? `[${place.shape}]` : "nothing";
    throw new InputError({
      where: dir,
      rule: `"${name}" of ${architecture} must have shape [${shape}]`,
      got,
    });
  }
  const foreign = [...places.keys()].find((name) => !expected.has(name) && !isUnused(architecture, name));
  if (foreign === undefined) return;
  const rule = `every tensor must be one that ${architecture} with this config.json has`;
  throw new InputError({ where: dir, rule, got: `"${foreign}"` });
}
