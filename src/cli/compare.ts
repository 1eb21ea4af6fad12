import { Command } from "commander";
import { measure } from "./measure.ts";
import { type MeasureOptions, withMeasureOptions } from "./measure-options.ts";
import { withStopSignal } from "./stop-signal.ts";

/** Defines `sightline compare`. */
export function compareCommand(): Command {
  const command = new Command("compare")
    .summary("compare models and techniques on the same questions")
    .description(
      "Asks every model, with every technique, the questions of a dataset and prints accuracy, intervals, paired " +
        "tests, tokens, latency and cost. Without --technique the columns are direct, blind and majority. The dataset " +
        "is scenes:demo, scenes:val, scenes:test, scenes:test-style, a JSONL of Samples, a JSONL or CSV with " +
        '"image", "question" and "answer", a folder of pictures with such a file, or the official files of a ' +
        "benchmark: mme:FOLDER, pope:FOLDER, mmbench:FOLDER and others.",
    )
    .argument("<dataset>", "what is asked");
  return withMeasureOptions(command).action((dataset: string, options: MeasureOptions) =>
    withStopSignal((signal) =>
      measure(dataset, options, {
        defaults: { techniques: ["direct"], controls: ["blind", "majority"] },
        signal,
      }),
    ),
  );
}
