import { Command } from "commander";
import type { GenerateReport, InstructionKind } from "../data/generate/index.ts";
import { InputError } from "../errors/index.ts";
import { collect, numberBetween, wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { withStopSignal } from "./stop-signal.ts";

interface GenerateCommandOptions {
  model: string;
  out: string;
  kind?: string[];
  seed: number;
  limit?: number;
  showPictures?: boolean;
  concurrency: number;
  maxRejects: number;
  prices?: string;
  maxCost?: number;
  trustDataset?: boolean;
  strict?: boolean;
}

/** Defines `sightline data generate`. */
export function generateCommand(): Command {
  return new Command("generate")
    .summary("have a model write instruction data about annotated pictures")
    .description(
      "Tells a model what is in each picture (captions, boxes) and has it write conversations, descriptions, reasoning, " +
        "negative instructions and tool-use traces. What is not true of the picture is rejected, with the reason, to " +
        "rejects.jsonl beside the output. The same command goes on where a run was stopped.",
    )
    .argument(
      "<dataset>",
      "file, folder or name of a dataset whose pictures have regions or captions; with --show-pictures any",
    )
    .requiredOption("--model <name>", "the model that writes")
    .requiredOption("--out <file>", "JSONL of Samples to write")
    .option("--kind <name>", "kind of data; may be repeated (default: all five)", collect)
    .option("--seed <n>", "draws the pictures; sent with every call", wholeNumber(0), 0)
    .option("--limit <n>", "pictures at most", wholeNumber(1))
    .option("--show-pictures", "show the pictures too, to a vision model")
    .option("--concurrency <n>", "calls under way at once", wholeNumber(1), 4)
    .option("--strict", "stop at the first bad row of the dataset")
    .option(
      "--max-rejects <share>",
      "share of what the model writes that may be rejected",
      numberBetween(0, 1),
      0.8,
    )
    .option("--prices <file>", "JSON file with prices per million tokens")
    .option("--max-cost <x>", "start no call once x was spent (needs --prices)", numberBetween(0, 1e9))
    .option("--trust-dataset", "read pictures outside the dataset's folder")
    .action(generateData);
}

async function generateData(name: string, options: GenerateCommandOptions): Promise<void> {
  const { generate, openPictures } = await import("../data/generate/index.ts");
  const { costOf, createImageLoader, loadPrices } = await import("../eval/index.ts");
  const { checkWritable } = await import("./check-writable.ts");
  const { openModel } = await import("./open-model.ts");
  const { out, maxCost, seed, limit, concurrency, maxRejects, trustDataset } = options;
  const kinds = await kindsOf(options.kind);
  if (maxCost !== undefined && options.prices === undefined)
    throw new InputError({ where: "--max-cost", rule: "needs the prices of tokens", hint: "Add --prices." });
  await checkWritable(out);
  const prices = options.prices === undefined ? {} : await loadPrices(options.prices);
  const { pictures, unsized, baseDir, badRows } = await openPictures(name, { strict: options.strict });
  if (unsized.length > 0)
    console.log(
      `pictures with boxes but without width and height, left out: ${unsized.length}, first "${unsized[0]}"`,
    );
  const told = pictures.filter(({ objects, captions }) => objects.length > 0 || captions.length > 0);
  const chosen = options.showPictures ? pictures : told;
  if (chosen.length === 0) {
    throw new InputError({
      where: name,
      rule: "must have pictures with regions or captions",
      got: "none",
      ...(pictures.length > 0 && { hint: "With --show-pictures a vision model needs neither." }),
    });
  }
  const model = await openModel(options.model, {});
  const progress = createProgress();
  await withStopSignal(async (signal) => {
    const loader = createImageLoader({ baseDir, signal, allowOutside: trustDataset });
    let isStarted = false;
    try {
      const report = await generate(chosen, {
        ...{ model, out, kinds, seed, limit, concurrency, maxRejects, maxCost, badRows, signal },
        ...(options.showPictures ? { loadImage: loader } : {}),
        costOf: ({ inputTokens, outputTokens }) =>
          costOf(prices, options.model, { input: inputTokens.total, output: outputTokens.total }),
        onProgress(done, total) {
          if (!isStarted) progress.start("calls", total);
          isStarted = true;
          progress.advance(done);
        },
      });
      progress.stop();
      print(report, out);
    } finally {
      progress.stop();
    }
  });
}

async function kindsOf(names: string[] | undefined): Promise<readonly InstructionKind[]> {
  const { instructionKinds } = await import("../data/generate/index.ts");
  const known: readonly string[] = instructionKinds;
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InputError({
      where: "--kind",
      rule: `must be one of ${known.join(", ")}`,
      got: `"${unknown}"`,
    });
  return (names as InstructionKind[] | undefined) ?? instructionKinds;
}

function print({ samples, unchecked, rejected, calls, cost, stopped }: GenerateReport, out: string): void {
  const spent = cost > 0 ? `, cost ${cost.toFixed(4)}` : "";
  console.log(`wrote ${samples} samples to ${out} (${calls.done} of ${calls.total} calls${spent})`);
  if (unchecked > 0) console.log(`not checked for truth, as their pictures have no boxes: ${unchecked}`);
  for (const [reason, count] of Object.entries(rejected)) console.log(`rejected, ${reason}: ${count}`);
  if (!stopped) return;
  console.log(
    `stopped ${stopped === "cost" ? "at --max-cost" : "with Ctrl-C"}; the same command goes on from here`,
  );
  if (stopped === "signal") process.exitCode = 130;
}
