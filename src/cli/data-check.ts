import { stat } from "node:fs/promises";
import { Command, Option } from "commander";
import type { CheckPass, CheckResult } from "../data/check/index.ts";
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
        "and Anthropic chats, Parquet, CSV, COCO instances and benchmarks (NAME:FOLDER). Structure, roles, placeholders, responses, duplicates, balance and pictures; with options also token lengths, near-duplicates and " +
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
  const { runChecks, structurePass } = await import("../data/check/index.ts");
  const { checkWritable } = await import("./check-writable.ts");
  for (const out of [options.report, options.json]) if (out) await checkWritable(out);
  const structure = structurePass();
  const { images, trustDataset: allowOutside, fetch: fetchUrls } = options;
  await withStopSignal(async (signal) => {
    const pictures = { imagesDir: images, allowOutside, fetchUrls, signal };
    const { passes, notes } = await chosenPasses(options, pictures);
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0),
    );
    const bytes = sizes.reduce((a, b) => a + b, 0);
    const progress = createProgress();
    const { format, limit, maxFindings } = options;
    const running = {
      ...{ format, limit, maxFindings, signal },
      onPass: (name: string) => progress.start(`${name} (MB)`, Math.ceil(bytes / 1e6)),
      onProgress: (done: number) => progress.advance(Math.floor(done / 1e6)),
    };
    let result: CheckResult;
    try {
      result = await runChecks(files, [structure, ...passes], running);
    } finally {
      progress.stop();
    }
    print(result, notes());
    await write(result, files, options, pictures, structure.histograms());
    if (result.errors > 0) process.exitCode = 1;
  });
}

type Pictures = { imagesDir?: string; allowOutside?: boolean; fetchUrls?: boolean; signal: AbortSignal };

/** The passes that the options ask for besides the structure, and what they have to say at the end. */
async function chosenPasses(
  options: CheckCommandOptions,
  pictures: Pictures,
): Promise<{ passes: CheckPass[]; notes: () => string[] }> {
  const check = await import("../data/check/index.ts");
  const { media, maxPixels, maxTokens, imageTokens, nearDuplicates, against } = options;
  const passes: CheckPass[] = [];
  const notes: (() => string)[] = [];
  if (media) passes.push({ name: "media", checks: [check.mediaCheck({ ...pictures, maxPixels })] });
  if (maxTokens !== undefined) {
    const countTokens = await tokenCounter(options.tokenizer);
    const tokens = check.tokenLength({ maxTokens, tokensPerImage: imageTokens, countTokens });
    passes.push({ name: "tokens", checks: [tokens] });
    notes.push(() => {
      const { longest, imageTokens: all, imageTokensCut } = tokens.result();
      return `tokens: the longest row has ${longest}; ${imageTokensCut} of ${all} image tokens are cut at ${maxTokens}`;
    });
  }
  if (nearDuplicates !== undefined) {
    const threshold = nearDuplicates === true ? 0.8 : nearDuplicates;
    passes.push({ name: "near-duplicates", checks: [check.nearDuplicates({ threshold })] });
  }
  if (against) {
    const contamination = await check.contaminationCheck(against, { ...pictures, pictures: media });
    passes.push({ name: "contamination", checks: [contamination] });
  }
  return { passes, notes: () => notes.map((note) => note()) };
}

/** Counts tokens with a model's tokenizer; without one, words and marks, which is fewer than most tokenizers make. */
async function tokenCounter(folder: string | undefined): Promise<(text: string) => number> {
  if (folder === undefined) return (text) => text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;
  const { readTokenCounter } = await import("../data/check/index.ts");
  return readTokenCounter(folder);
}

function print({ rows, rejected, counts, findings, passes, errors }: CheckResult, notes: string[]): void {
  for (const { check, severity, count } of counts) {
    console.log(`${severity} ${check}: ${count}`);
    const own = findings.filter((each) => each.check === check && each.severity === severity);
    for (const { where, field, message } of own.slice(0, 3)) {
      console.log(`  ${where}${field ? ` ${field}` : ""}: ${oneLine(message)}`);
    }
    if (count > 3) console.log(`  and ${count - 3} more`);
  }
  for (const note of notes) console.log(note);
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
  result: CheckResult,
  files: string[],
  { report, json }: CheckCommandOptions,
  pictures: Pictures,
  histograms: ReturnType<ReturnType<typeof import("../data/check/index.ts").structurePass>["histograms"]>,
): Promise<void> {
  const { formatCheckReport } = await import("../data/check/index.ts");
  const { writeFileAtomic } = await import("../util/files.ts");
  if (json) await writeFileAtomic(json, `${JSON.stringify({ files, ...result, histograms }, null, 2)}\n`);
  if (report) {
    await writeFileAtomic(report, await formatCheckReport(result, { files, histograms, ...pictures }));
  }
}
