import path from "node:path";
import { SingleBar } from "cli-progress";
import { Command } from "commander";

/** `sightline tune RECIPE`: trains a model and exports it. */
export function tuneCommand(): Command {
  return new Command("tune")
    .description("train a model as a recipe says, and export it")
    .argument("<recipe>", "recipe file (YAML)")
    .requiredOption("--out <dir>", "folder of the run: checkpoint, log, and the exported model in model/")
    .option("--resume", "go on from the folder's checkpoint", false)
    .option("--export-only", "export the folder's checkpoint without training", false)
    .action(run);
}

async function run(
  file: string,
  { out, resume, exportOnly }: { out: string; resume: boolean; exportOnly: boolean },
): Promise<void> {
  const { exportRun, formatPlan, hasVisualTokens, loadRecipe, loadRun, train, writeTrainingReport } =
    await import("../tune/index.ts");
  const recipe = await loadRecipe(file);
  const target = path.join(out, "model");
  if (exportOnly) {
    await exportRun(out, recipe, await loadRun(out, recipe), path.dirname(file));
    console.log(`exported to ${target}`);
    return;
  }
  const exportable = hasVisualTokens(recipe.model);
  if (!exportable)
    process.stderr.write(
      `no model will be exported: the LLaVA layout has no place for the bridge "${recipe.model.bridge!.kind}"; ` +
        "checkpoint, log and accuracy are kept\n",
    );
  const bar = new SingleBar({
    format: "{stage} [{bar}] {value}/{total} loss {loss} lr {rate} ETA {eta_formatted} {accuracy}",
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 30_000,
    etaBuffer: 200,
    forceRedraw: true,
  });
  const controller = new AbortController();
  const interrupt = () => {
    process.stderr.write("\nstopping after this step, with a checkpoint\n");
    controller.abort();
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  let current = -1;
  let smooth = 0;
  const result = await train(recipe, {
    out,
    resume,
    baseDir: path.dirname(file),
    signal: controller.signal,
    onPlan: (plan) => process.stderr.write(`${formatPlan(plan)}\n`),
    onStep({ stage, step, loss, learningRate }) {
      const { name, steps } = recipe.stages[stage]!;
      if (stage !== current) {
        if (current >= 0) bar.stop();
        bar.start(steps, step, { stage: name, loss: "", rate: "", accuracy: "" });
        smooth = loss;
        current = stage;
      }
      smooth += 0.02 * (loss - smooth);
      bar.update(step + 1, { loss: smooth.toFixed(4), rate: learningRate.toExponential(1) });
    },
    onEvaluation({ accuracy, overall: { gain } }) {
      const seeing = gain === undefined ? "" : ` (${(100 * gain).toFixed(1)} above blind)`;
      const cells = Object.entries(accuracy).map(
        ([type, { accuracy: value }]) => `${type} ${(100 * value).toFixed(1)}`,
      );
      bar.update({ accuracy: `${cells.join(" ")}${seeing}` });
    },
  });
  bar.stop();
  process.removeListener("SIGINT", interrupt);
  process.removeListener("SIGTERM", interrupt);
  const page = await writeTrainingReport(out, recipe.name);
  process.stderr.write(`curves: ${page}\n`);
  if (!result.finished) {
    process.stderr.write(`stopped; go on with: sightline tune ${file} --out ${out} --resume\n`);
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
