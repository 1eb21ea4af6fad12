import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { AdaptReport, InstructionFormat, MaxRejects } from "../data/formats/index.ts";
import type { TemplatePool } from "../data/templates/index.ts";
import { InputError } from "../errors/index.ts";
import { collect, wholeNumber } from "./option-values.ts";
import { resumable } from "./stop-signal.ts";

interface AdaptCommandOptions {
  to: InstructionFormat;
  out: string;
  template: TemplatePool | "none";
  lengthControl: boolean;
  holdOut?: string[];
  seed: number;
  limit?: number;
  keepExtra?: boolean;
  strict?: boolean;
  maxRejects?: MaxRejects;
  trustDataset?: boolean;
  media?: string;
  shardMb?: number;
}

/** Defines `sightline data adapt`. */
export function adaptCommand(): Command {
  const command = new Command("adapt")
    .summary("instruction data in another format, with instruction templates")
    .description(
      "Reads LLaVA, ShareGPT, OpenAI, Anthropic, Hugging Face parquet, COCO instances and captions, CSV, Samples, a folder " +
        "of pictures or a benchmark (NAME:FOLDER) and writes instruction data. Bad rows go to rejects.jsonl beside it, with file, line and field.",
    )
    .argument("<input>", "file, folder or name of a dataset")
    .addOption(
      new Option("--to <format>", "format to write")
        .choices(["llava", "sharegpt", "openai", "hf", "samples"])
        .makeOptionMandatory(),
    )
    .requiredOption("--out <path>", "file to write (.json for a list, .jsonl for lines); a folder for hf")
    .addOption(
      new Option("--template <pool>", "draw an instruction template for each sample")
        .choices(["vqa", "caption", "vqg", "none"])
        .default("none"),
    )
    .option("--no-length-control", "do not say that a short answer or a letter is wanted")
    .option("--hold-out <name>", "dataset or task that goes to a file of its own; may be repeated", collect)
    .option("--media <dir>", "gather the pictures in this folder, each once, named by its content")
    .option("--shard-mb <n>", "megabytes of a Parquet shard (default: 200)", wholeNumber(1))
    .option("--seed <n>", "the same seed draws the same templates", wholeNumber(0), 0);
  return rowOptions(command).action(adaptData);
}

/** Options of a command that reads a dataset row by row and writes it in another format. */
export function rowOptions(command: Command): Command {
  return rejectOptions(command)
    .option("--keep-extra", 'store what the format has no place for under one key "sightline"')
    .option("--trust-dataset", "read pictures outside the dataset's folder");
}

/** Options of every command that reads rows, writes Samples of them and rejects bad ones. */
export function rejectOptions(command: Command): Command {
  return command
    .option("--limit <n>", "samples to write at most, the first ones", wholeNumber(1))
    .option("--strict", "stop at the first bad row")
    .option("--max-rejects <n>", "bad rows that are too many: a number, or a share such as 5%", maxRejects);
}

async function adaptData(input: string, options: AdaptCommandOptions): Promise<void> {
  const { adapt } = await import("../data/formats/index.ts");
  const { to, template, holdOut, trustDataset, media, shardMb, ...others } = options;
  const { checkWritable } = await import("./check-writable.ts");
  const { out, heldOut } = targets(options);
  await checkWritable(out);
  const report = await withRows((running) =>
    adapt(input, {
      ...others,
      ...{ format: to, out, heldOut, holdOut, trust: trustDataset, mediaDir: media },
      ...(template === "none" ? {} : { template }),
      ...(shardMb === undefined ? {} : { shardBytes: shardMb * 1e6 }),
      ...running,
    }),
  );
  if (report) printReport(report, out);
}

/** The output's path, and the one of what is held out. */
function targets({ to, out }: AdaptCommandOptions): { out: string; heldOut: string } {
  if (to === "hf") return { out: path.join(out, "train"), heldOut: path.join(out, "test") };
  const extension = path.extname(out);
  const allowed = to === "llava" || to === "sharegpt" ? [".json", ".jsonl"] : [".jsonl"];
  if (!allowed.includes(extension.toLowerCase())) {
    throw new InputError({
      where: "--out",
      rule: `must be a ${allowed.join(" or ")} file for ${to}`,
      got: `"${out}"`,
    });
  }
  return { out, heldOut: `${out.slice(0, -extension.length)}.held-out${extension}` };
}

/** Runs something that reads rows: a count of them in a terminal, and a word about what Ctrl-C leaves. */
export async function withRows<T>(
  run: (running: { signal: AbortSignal; onProgress: (rows: number) => void }) => Promise<T>,
): Promise<T | undefined> {
  return resumable((signal) => run({ signal, onProgress: countRows }).finally(endCount));
}

/** Shows how many rows were read, in a terminal. */
export function countRows(rows: number): void {
  if (rows % 1000 === 0) show(`${rows.toLocaleString("en-US")} rows`);
}

/** Clears the count. */
export function endCount(): void {
  show("");
}

function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Prints what was written and what was lost. */
export function printReport(report: AdaptReport, out: string): void {
  const { written, heldOut, rejected, untouched, renamed, lost, files } = report;
  console.log(
    `wrote ${written} samples to ${files[0]}${files.length > 1 ? ` and ${files.slice(1).join(", ")}` : ""}`,
  );
  if (heldOut > 0) console.log(`held out: ${heldOut}`);
  if (untouched > 0) console.log(`as they were, because the template is not for them: ${untouched}`);
  if (renamed > 0) console.log(`ids that came twice and got a number: ${renamed}`);
  const names = [...lost].map(([name, count]) => `${name} (${count})`);
  if (names.length > 0) console.log(`no place in this format: ${names.join(", ")}; --keep-extra stores them`);
  printRejected(rejected, out);
}

/** Says where the bad rows are, if there are any. */
export function printRejected(rejected: number, out: string): void {
  if (rejected > 0)
    console.log(`bad rows: ${rejected}, see ${path.join(path.dirname(out), "rejects.jsonl")}`);
}

function maxRejects(text: string): MaxRejects {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = Number(match?.[1]);
  if (match && match[2] === "%" && value <= 100) return { share: value / 100 };
  if (match && match[2] === "" && Number.isSafeInteger(value)) return { count: value };
  throw new InvalidArgumentError("It must be a whole number or a share such as 5%.");
}
