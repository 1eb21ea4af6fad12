// The folder of a run on a checkpoint: run.json says what it is a run of, log.jsonl what happened, one line for each step and
// evaluation. The weights and the optimiser's state are in checkpoint.safetensors beside them.
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { writeFileAtomic } from "../../util/files.ts";
import { contentHash } from "../../util/hash.ts";
import type { Progress } from "../checkpoint.ts";
import type { CheckpointRecipe } from "./checkpoint-recipe.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import type { TrainingExamples } from "./training-examples.ts";

const runSchema = z.looseObject({
  checkpoint: z.string(),
  datasets: z.record(z.string(), z.string()),
  splitting: z.boolean().default(false),
});

/** What a run is of: hashes of the checkpoint's sizes and of some of its weights, and of the datasets; whether pictures are cut. */
export type RunFacts = z.infer<typeof runSchema>;

export function runFacts(
  { parameters, weights }: Checkpoint,
  { sets, processor }: Pick<TrainingExamples, "sets" | "processor">,
): RunFacts {
  const told = parameters.map(({ name, shape }) => [name, shape, ...weights.get(name)!.subarray(0, 4)]);
  return {
    checkpoint: contentHash(JSON.stringify(told)),
    datasets: Object.fromEntries([...sets].map(([name, { hash }]) => [name, hash])),
    splitting: processor?.splits ?? false,
  };
}

/** Refuses a folder that another run is in, unless it is to go on. */
export function checkFree(out: string, resume: boolean): void {
  if (resume || !existsSync(path.join(out, "checkpoint.safetensors"))) return;
  const hint = "Use --resume to go on with it, or another --out.";
  throw new InputError({ where: out, rule: "folder must not hold another run's checkpoint", hint });
}

/** Starts a folder. */
export async function writeRun(out: string, recipe: CheckpointRecipe, facts: RunFacts): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFileAtomic(path.join(out, "recipe.json"), `${JSON.stringify(recipe, null, 2)}\n`);
  await writeFileAtomic(path.join(out, "run.json"), `${JSON.stringify(facts, null, 2)}\n`);
}

/** Refuses to go on with a run whose checkpoint or datasets are others now. */
export async function checkRun(out: string, facts: RunFacts): Promise<void> {
  const where = path.join(out, "run.json");
  let stored: RunFacts;
  try {
    stored = runSchema.parse(JSON.parse(await readFile(where, "utf8")));
  } catch (cause) {
    throw new InputError({ where, rule: "must say what the run is of", got: "an unreadable file", cause });
  }
  const bad = (rule: string) => new InputError({ where, rule, hint: "Put it back, or start another run." });
  if (stored.checkpoint !== facts.checkpoint)
    throw bad("the checkpoint must be the one that the run started from");
  if (stored.splitting !== facts.splitting)
    throw bad("do_image_splitting of the picture processor must be as it was when the run started");
  for (const [name, hash] of Object.entries(facts.datasets))
    if (stored.datasets[name] !== hash) throw bad(`dataset "${name}" must be as it was when the run started`);
}

export interface RunLog {
  (entry: { kind: string; stage: string; step: number } & Record<string, unknown>): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/** Opens the log for appending; lines of steps that will be made again are dropped. `stages` are the recipe's, in order. */
export async function openRunLog(out: string, stages: readonly string[], from: Progress): Promise<RunLog> {
  const file = path.join(out, "log.jsonl");
  if (existsSync(file)) {
    const isEarlier = (line: string) => {
      const { stage, step, kind } = JSON.parse(line) as { stage: string; step: number; kind: string };
      const at = stages.indexOf(stage);
      return at < from.stage || (at === from.stage && (kind === "step" ? step + 1 : step) <= from.step);
    };
    const lines = (await readFile(file, "utf8")).split("\n");
    // What stands behind the last line end was being written when the run was killed.
    const kept = lines.slice(0, -1).filter(isEarlier);
    await writeFileAtomic(file, kept.map((line) => `${line}\n`).join(""));
  }
  const started = Date.now();
  let queue = Promise.resolve();
  const log = (entry: object) => {
    const wallSeconds = Math.round((Date.now() - started) / 100) / 10;
    const line = JSON.stringify({ ...entry, wallSeconds });
    queue = queue.then(() => appendFile(file, `${line}\n`));
  };
  return Object.assign(log, { flush: () => queue });
}
