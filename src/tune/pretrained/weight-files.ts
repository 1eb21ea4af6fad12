// Where a checkpoint's weights lie: in model.safetensors, or in several files that model.safetensors.index.json lists.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError, SetupError } from "../../errors/index.ts";
import { readSafetensorsHeader, readTensorData, type TensorPlace } from "../safetensors.ts";

const single = "model.safetensors";
const index = "model.safetensors.index.json";

/** A weight in a file. */
export interface WeightPlace extends TensorPlace {
  file: string;
}

/** The weights of a checkpoint folder by name; only headers are read. */
export async function findWeights(dir: string): Promise<Map<string, WeightPlace>> {
  if (existsSync(path.join(dir, index))) return findSharded(dir);
  const file = path.join(dir, single);
  if (!existsSync(file)) {
    const hint = "Weights in .bin or .gguf files are not read: save the model as safetensors.";
    throw new SetupError({ where: dir, rule: `a checkpoint must have ${single} or ${index}`, hint });
  }
  return inFile(file, await readSafetensorsHeader(file));
}

function inFile(file: string, places: Map<string, TensorPlace>): Map<string, WeightPlace> {
  return new Map([...places].map(([name, place]) => [name, { ...place, file }]));
}

const indexSchema = z.looseObject({
  weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+\.safetensors$/)),
});

async function findSharded(dir: string): Promise<Map<string, WeightPlace>> {
  const where = path.join(dir, index);
  const map = await readWeightMap(where);
  const names = [...new Set(Object.values(map))];
  const absent = names.find((name) => !existsSync(path.join(dir, name)));
  if (absent) throw new InputError({ where, rule: "every file it lists must be there", got: absent });
  const found = new Map<string, WeightPlace>();
  for (const name of names) {
    const file = path.join(dir, name);
    for (const [tensor, place] of inFile(file, await readSafetensorsHeader(file))) {
      if (map[tensor] !== name) {
        const rule = `"${tensor}" must be in the file that the index names`;
        throw new InputError({ where, rule, got: `${map[tensor] ?? "no file"} and ${name}` });
      }
      found.set(tensor, place);
    }
  }
  const lost = Object.keys(map).find((tensor) => !found.has(tensor));
  if (lost) throw new InputError({ where, rule: `"${lost}" must be in ${map[lost]}` });
  return found;
}

async function readWeightMap(where: string): Promise<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(where, "utf8"));
  } catch (cause) {
    throw new InputError({ where, rule: "must be JSON", got: (cause as Error).message, cause });
  }
  const parsed = indexSchema.safeParse(value);
  if (parsed.success) return parsed.data.weight_map;
  const { path: field, message } = parsed.error.issues[0]!;
  const rule = "weight_map must give a .safetensors file of the same folder for every tensor";
  throw new InputError({ where, rule, got: `${field.join(".")}: ${message}` });
}

/** Reads the data of these weights, file by file and in the order of their bytes. */
export async function readWeights(
  places: ReadonlyMap<string, WeightPlace>,
): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  const names = new Map([...places].map(([name, place]) => [place as TensorPlace, name]));
  const byFile = Map.groupBy(places.values(), ({ file }) => file);
  for (const [file, inside] of byFile) {
    inside.sort((a, b) => a.start - b.start);
    await readTensorData(file, inside, (place, data) => {
      weights.set(names.get(place)!, data);
    });
  }
  return weights;
}
