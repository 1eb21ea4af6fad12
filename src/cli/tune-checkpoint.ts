import path from "node:path";
import { createTrainingBar, howToGoOn, withCheckpointOnStop } from "./training-bar.ts";
import type { TuneFlags } from "./tune.ts";

/** `sightline tune RECIPE` for a recipe that names a checkpoint: trains it and writes adapter and model. */
export async function runCheckpointTuning(
  file: string,
  { out, resume, exportOnly, set: overrides }: TuneFlags,
): Promise<void> {
  const {
    exportTunedCheckpoint,
    formatPlan,
    loadCheckpointRecipe,
    loadTunedCheckpoint,
    tuneCheckpoint,
    writeTrainingReport,
  } = await import("../tune/index.ts");
  const recipe = await loadCheckpointRecipe(file, overrides);
  const baseDir = path.dirname(file);
  if (exportOnly) {
    const written = await exportTunedCheckpoint(out, recipe, await loadTunedCheckpoint(out, recipe, baseDir));
    console.log(`exported to ${written.join(" and ")}`);
    return;
  }
  const bar = createTrainingBar(recipe.stages);
  let made = 0;
  const percent = (share: number) => (100 * share).toFixed(1);
  const result = await withCheckpointOnStop((signal) =>
    tuneCheckpoint(recipe, {
      ...{ out, resume, baseDir, signal },
      onNote: (note) => process.stderr.write(`${note}\n`),
      onPlan: (plan) => process.stderr.write(`${formatPlan(plan)}\n`),
      onStep(step) {
        made++;
        bar.step(step);
      },
      onEvaluation({ loss, tokenAccuracy, overall: { accuracy, gain } }) {
        const seeing = gain === undefined ? "" : ` (${percent(gain)} above blind)`;
        bar.note(
          `held out: loss ${loss.toFixed(4)}, tokens ${percent(tokenAccuracy)}, answers ${percent(accuracy)}${seeing}`,
        );
      },
    }),
  );
  bar.stop();
  // A run that was stopped while its data were read has nothing to draw.
  if (made > 0 || result.finished)
    process.stderr.write(`curves: ${await writeTrainingReport(out, recipe.name)}\n`);
  if (!result.finished) {
    process.stderr.write(howToGoOn(file, out, overrides));
    process.exitCode = 130;
    return;
  }
  const written = await exportTunedCheckpoint(out, recipe, result);
  console.log(`trained; exported to ${written.join(" and ")}`);
}
