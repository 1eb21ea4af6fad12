import { stat } from "node:fs/promises";
import { Command, Option } from "commander";
import type { CheckReport } from "../data/check/index.ts";
import { collect, numberBetween, wholeNumber } from "./option-values.ts";
import { createProgress } from "./progress.ts";
import { withStopSignal } from "./stop-signal.ts";

interface CheckCommandOptions {
  format?: "sample" | "short" | "llava" | "anthropic" | "openai";
  images?: string;
  media: boolean;
  trustDataset?: boolean;
  fetch?: boolean;
  maxPixels: number;
  maxTokens?: number;
  imageTokens: number;
  tokenizer?: string;
  nearDuplicates?: number | true;
  against?: string[];
  limit?: number;
  maxFindings: number;
  report?: string;
  json?: string;
}

/** Defines `sightline data check`. */
export function checkCommand(): Command {
  return new Command("check")
    .summary("find what is wrong with instruction data before training on it")
    .description(
      "Checks whatever `sightline data adapt` reads: JSON Lines and lists of Samples, the short form, LLaVA/ShareGPT, OpenAI " +
        "and Anthropic chats, Parquet, CSV, COCO files, folders of pictures and benchmarks (NAME:FOLDER). Structure, roles, placeholders, responses, duplicates, balance and pictures; with options also token lengths, near-duplicates and " +
        "contamination. Ends with exit code 1 when there is an error.",
    )
    .argument("<data...>", "files, folders or names of instruction data")
    .addOption(
      new Option("--format <name>", "format of JSON or Parquet rows (default: found from them)").choices([
        ...["sample", "short", "llava", "anthropic", "openai"],
      ]),
    )
    .option("--images <dir>", "folder that pictures' paths start from (default: that of each file)")
    .option("--no-media", "do not open pictures")
    .option("--trust-dataset", "read pictures outside that folder")
    .option("--fetch", "read pictures behind URLs")
    .option("--max-pixels <n>", "largest picture that is decoded", wholeNumber(1), 40_000_000)
    .option(
      "--max-tokens <n>",
      "check the length of rows in tokens against the trainer's limit",
      wholeNumber(1),
    )
    .option("--image-tokens <n>", "tokens that a picture becomes", wholeNumber(1), 576)
    .option(
      "--tokenizer <dir>",
      "model folder with the tokenizer.json that counts (default: words and marks)",
    )
    .option(
      "--near-duplicates [similarity]",
      "find rows that say nearly the same (default: 0.8)",
      numberBetween(0.5, 1),
    )
    .option(
      "--against <data>",
      "find rows of this evaluation set (a file, a benchmark as NAME:FOLDER, scenes:test); may be repeated",
      collect,
    )
    .option("--limit <n>", "check the first n rows of each file only", wholeNumber(1))
    .option("--max-findings <n>", "findings kept of each check; all are counted", wholeNumber(1), 100)
    .option("--report <file>", "write an HTML page with the findings and their pictures")
    .option("--json <file>", "write the findings as JSON")
    .action(checkData);
}

async function checkData(files: string[], options: CheckCommandOptions): Promise<void> {
  const { check } = await import("../data/check/index.ts");
  const { checkWritable } = await import("./check-writable.ts");
  const { images: imagesDir, trustDataset: trust, fetch: fetchUrls, nearDuplicates, ...others } = options;
  const { report: page, json, ...checking } = others;
  for (const out of [page, json]) if (out) await checkWritable(out);
  await withStopSignal(async (signal) => {
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0),
    );
    const bytes = sizes.reduce((a, b) => a + b, 0);
    const progress = createProgress();
    let report: CheckReport;
    try {
      report = await check(files, {
        ...{ ...checking, imagesDir, trust, fetchUrls, signal },
        nearDuplicates: nearDuplicates === true ? 0.8 : nearDuplicates,
        onPass: (name) => progress.start(`${name} (MB)`, Math.ceil(bytes / 1e6)),
        onProgress: (done) => progress.advance(Math.floor(done / 1e6)),
      });
    } finally {
      progress.stop();
    }
    print(report, options);
    await write(report, files, options, signal);
    if (report.errors > 0) process.exitCode = 1;
  });
}

function print(report: CheckReport, { maxTokens }: CheckCommandOptions): void {
  const { rows, rejected, counts, findings, passes, errors, tokens } = report;
  for (const { check, severity, count } of counts) {
    console.log(`${severity} ${check}: ${count}`);
    const own = findings.filter((each) => each.check === check && each.severity === severity);
    for (const { where, field, message } of own.slice(0, 3)) {
      console.log(`  ${where}${field ? ` ${field}` : ""}: ${oneLine(message)}`);
    }
    if (count > 3) console.log(`  and ${count - 3} more`);
  }
  if (tokens) {
    const { longest, imageTokens, imageTokensCut: cut } = tokens;
    console.log(
      `tokens: the longest row has ${longest}; ${cut} of ${imageTokens} image tokens are cut at ${maxTokens}`,
    );
  }
  const rate = passes.map(
    ({ name, rows: n, seconds }) => `${name} ${Math.round(n / Math.max(seconds, 1e-3))}/s`,
  );
  console.log(`${rows} rows, ${rejected} unusable; ${errors} errors (${rate.join(", ")})`);
}

/** What a dataset wrote must not move the terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

async function write(
  result: CheckReport,
  files: string[],
  { report, json, images, trustDataset, fetch }: CheckCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { formatCheckReport } = await import("../data/check/index.ts");
  const { writeFileAtomic } = await import("../util/files.ts");
  const { histograms } = result;
  if (json) await writeFileAtomic(json, `${JSON.stringify({ files, ...result }, null, 2)}\n`);
  if (report) {
    const pictures = { imagesDir: images, allowOutside: trustDataset, fetchUrls: fetch, signal };
    await writeFileAtomic(report, await formatCheckReport(result, { files, histograms, ...pictures }));
  }
}
