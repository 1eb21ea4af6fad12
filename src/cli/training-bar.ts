// What the two kinds of training run show: a bar for each stage, and how Ctrl-C ends one.
import { SingleBar } from "cli-progress";

export interface TrainingBar {
  /** After step number `step` (from 0) of stage number `stage`. */
  step(report: { stage: number; step: number; loss: number; learningRate: number }): void;
  /** Stands at the end of the line from now on. */
  note(text: string): void;
  stop(): void;
}

/** Creates the bar on standard error; without a terminal it writes a line every half minute. */
export function createTrainingBar(stages: readonly { name: string; steps: number }[]): TrainingBar {
  const bar = new SingleBar({
    format: "{stage} [{bar}] {value}/{total} loss {loss} lr {rate} ETA {eta_formatted} {note}",
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 30_000,
    etaBuffer: 200,
    forceRedraw: true,
  });
  let current = -1;
  let smooth = 0;
  let note = "";
  return {
    step({ stage, step, loss, learningRate }) {
      const { name, steps } = stages[stage]!;
      if (stage !== current) {
        if (current >= 0) bar.stop();
        bar.start(steps, step, { stage: name, loss: "", rate: "", note });
        smooth = loss;
        current = stage;
      }
      smooth += 0.02 * (loss - smooth);
      bar.update(step + 1, { loss: smooth.toFixed(4), rate: learningRate.toExponential(1) });
    },
    note(text) {
      note = text;
      if (current >= 0) bar.update({ note });
    },
    stop: () => bar.stop(),
  };
}

/** Runs a training with a signal that Ctrl-C fires; a second Ctrl-C ends the process as usual. */
export async function withCheckpointOnStop<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    process.stderr.write("\nstopping after this step, with a checkpoint\n");
    controller.abort();
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", interrupt);
  }
}

/** The line that tells a person how a stopped run goes on. */
export function howToGoOn(recipe: string, out: string, overrides: readonly string[]): string {
  const quote = (text: string) => (/^[\w./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const sets = overrides.map((override) => ` --set ${quote(override)}`).join("");
  return `stopped; go on with: sightline tune ${quote(recipe)} --out ${quote(out)}${sets} --resume\n`;
}
