// One training run of an experiment, by the command line, in a process of its own. A run that is finished is not made again, so an
// experiment that was stopped goes on where it was.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Recipe, TrainingMetrics } from "../../src/tune/index.ts";

const cli = path.join(import.meta.dirname, "../../bin/sightline.js");

/** Trains in `folder`, or goes on there; gives the folder of the exported model. */
export async function tuneOnce(folder: string, recipe: Recipe): Promise<string> {
  const model = path.join(folder, "run/model");
  if (existsSync(path.join(model, "processor_config.json"))) return model;
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, "recipe.json");
  await writeFile(file, JSON.stringify(recipe));
  const out = path.join(folder, "run");
  const resume = existsSync(path.join(out, "checkpoint.safetensors")) ? ["--resume"] : [];
  const { status } = spawnSync(process.execPath, [cli, "tune", file, "--out", out, ...resume], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`training of ${recipe.name} ended with ${status}`);
  return model;
}

/** What a run in `folder` took. */
export async function metricsOf(folder: string): Promise<TrainingMetrics> {
  return JSON.parse(await readFile(path.join(folder, "run/metrics.json"), "utf8"));
}
