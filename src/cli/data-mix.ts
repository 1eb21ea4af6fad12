import { Command, InvalidArgumentError, Option } from "commander";
import type { MaxRejects } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import { countRows, endCount, printRejected, rejectOptions } from "./data-adapt.ts";
import { numberBetween, wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { resumable } from "./stop-signal.ts";

interface MixCommandOptions {
  out: string;
  weights?: number[];
  sqrt?: boolean;
  temperature?: number;
  count?: number;
  limit?: number;
  batchSize?: number;
  sequential?: boolean;
  seed: number;
  media?: string;
  trustDataset?: boolean;
  strict?: boolean;
  maxRejects?: MaxRejects;
}

/** Defines `sightline data mix`. */
export function mixCommand(): Command {
  const command = new Command("mix")
    .summary("one dataset out of several, by weight")
    .description(
      "Draws from several datasets into one JSONL of Samples. Paths of pictures are rewritten to start from its folder. " +
        "A dataset that runs out is read again, which the summary says. Without an option of weights, by size. Bad rows go " +
        "to rejects.jsonl beside it, with file, line and field.",
    )
    .argument("<dataset...>", "files, folders or names of datasets")
    .requiredOption("--out <file>", "JSONL of Samples to write")
    .addOption(
      new Option("--weights <list>", "how often to draw from each, such as 3,1")
        .argParser(numbers)
        .conflicts(["sqrt", "temperature"]),
    )
    .addOption(new Option("--sqrt", "by the square root of the sizes").conflicts("temperature"))
    .option(
      "--temperature <t>",
      "by size^(1/T): 1 is by size, a large one draws all alike",
      numberBetween(1e-3, 1e6),
    )
    .option("--count <n>", "Samples to draw (default: as many as all datasets hold)", wholeNumber(1))
    .addOption(
      new Option("--batch-size <n>", "every n Samples hold the datasets by their shares exactly")
        .argParser(wholeNumber(1))
        .conflicts("sequential"),
    )
    .option("--sequential", "one dataset after the other, each by its share")
    .option("--seed <n>", "the same seed gives the same file", wholeNumber(0), 0)
    .option("--media <dir>", "gather the pictures in this folder, each once, named by its content")
    .option("--trust-dataset", "gather pictures outside the datasets' folders too");
  return rejectOptions(command).action(mixDatasets);
}

async function mixDatasets(specs: string[], options: MixCommandOptions): Promise<void> {
  const { mix } = await import("../data/mix/index.ts");
  const { checkWritable } = await import("./check-writable.ts");
  const { weights, sqrt, temperature = 1, media, trustDataset: trust, ...others } = options;
  const { out } = others;
  if (!/\.(jsonl|ndjson)$/i.test(out))
    throw new InputError({ where: "--out", rule: "must be a .jsonl file", got: `"${out}"` });
  await checkWritable(out);
  const progress = createProgress();
  let isDrawing = false;
  const report = await resumable((signal) =>
    mix(specs, {
      ...{ ...others, mediaDir: media, trust, signal, onCount: countRows },
      weights: weights ?? (sqrt ? "sqrt" : { temperature }),
      onProgress(done, total) {
        if (!isDrawing) {
          endCount();
          progress.start("samples", total);
        }
        isDrawing = true;
        if (done % 1000 === 0) progress.advance(done);
      },
    }).finally(() => {
      endCount();
      progress.stop();
    }),
  );
  if (!report) return;
  const { written, rejected, sources } = report;
  for (const { name, size, drawn, share } of sources) {
    const again = drawn > size ? `, repeated ${(drawn / size).toFixed(2)} times over` : "";
    const percent = (part: number) => `${(100 * part).toFixed(1)}%`;
    console.log(
      `${name}: ${drawn} of ${size}, ${percent(drawn / written)} (share ${percent(share)})${again}`,
    );
  }
  console.log(`wrote ${written} Samples to ${out}`);
  printRejected(rejected, out);
}

function numbers(text: string): number[] {
  const values = text.split(",").map(Number);
  if (
    text.split(",").every((word, i) => word.trim() !== "" && values[i]! >= 0 && Number.isFinite(values[i]))
  ) {
    return values;
  }
  throw new InvalidArgumentError("It must be numbers with commas between them, such as 3,1.");
}
