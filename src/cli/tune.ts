import path from "node:path";
import { Command } from "commander";
import { createTrainingBar, howToGoOn, withCheckpointOnStop } from "./training-bar.ts";

/** `sightline tune RECIPE`: trains a model and exports it. */
export function tuneCommand(): Command {
  return new Command("tune")
    .description("train a model as a recipe says, and export it")
    .argument("<recipe>", "recipe file (YAML)")
    .requiredOption("--out <dir>", "folder of the run: checkpoint, log, and the exported model in model/")
    .option("--resume", "go on from the folder's checkpoint", false)
    .option(
      "--set <path=value>",
      "says something else than the recipe, such as stages.answer.steps=100; may be repeated, and must be said again with --resume",
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option("--export-only", "export the folder's checkpoint without training", false)
    .action(run);
}

export interface TuneFlags {
  out: string;
  resume: boolean;
  exportOnly: boolean;
  /** What is said in place of fields of the recipe. */
  set: string[];
}

async function run(file: string, { out, resume, exportOnly, set: overrides }: TuneFlags): Promise<void> {
  const {
    exportRun,
    formatPlan,
    isExportable,
    isCheckpointRecipe,
    loadRecipe,
    loadRun,
    train,
    writeTrainingReport,
  } = await import("../tune/index.ts");
  if (await isCheckpointRecipe(file)) {
    const { runCheckpointTuning } = await import("./tune-checkpoint.ts");
    return runCheckpointTuning(file, { out, resume, exportOnly, set: overrides });
  }
  const recipe = await loadRecipe(file, overrides);
  const target = path.join(out, "model");
  if (exportOnly) {
    await exportRun(out, recipe, await loadRun(out, recipe), path.dirname(file));
    console.log(`exported to ${target}`);
    return;
  }
  const exportable = isExportable(recipe.model);
  if (!exportable)
    process.stderr.write(
      `no model will be exported: the LLaVA layout has no place for the bridge "${recipe.model.bridge!.kind}"; ` +
        "checkpoint, log and accuracy are kept\n",
    );
  const bar = createTrainingBar(recipe.stages);
  const result = await withCheckpointOnStop((signal) =>
    train(recipe, {
      ...{ out, resume, baseDir: path.dirname(file), signal },
      onPlan: (plan) => process.stderr.write(`${formatPlan(plan)}\n`),
      onStep: (step) => bar.step(step),
      onEvaluation({ accuracy, overall: { gain } }) {
        const seeing = gain === undefined ? "" : ` (${(100 * gain).toFixed(1)} above blind)`;
        const cells = Object.entries(accuracy).map(
          ([type, { accuracy: value }]) => `${type} ${(100 * value).toFixed(1)}`,
        );
        bar.note(`${cells.join(" ")}${seeing}`);
      },
    }),
  );
  bar.stop();
  const page = await writeTrainingReport(out, recipe.name);
  process.stderr.write(`curves: ${page}\n`);
  if (!result.finished) {
    process.stderr.write(howToGoOn(file, out, overrides));
    process.exitCode = 130;
    return;
  }
  if (!exportable) {
    console.log(`trained; weights in ${path.join(out, "checkpoint.safetensors")}`);
    return;
  }
  await exportRun(out, recipe, result, path.dirname(file));
  console.log(`trained; exported to ${target}`);
}
