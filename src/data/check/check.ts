// The checks of `sightline data check` in one call. Passes are chosen by what is asked for: each reads the data once, and
// they cost very differently.
import { contaminationCheck } from "./contamination.ts";
import type { Histograms } from "./histograms.ts";
import { mediaCheck } from "./media.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { type CheckPass, type CheckResult, type RunChecksOptions, runChecks } from "./run-checks.ts";
import { structurePass } from "./structure-pass.ts";
import { readTokenCounter } from "./token-counter.ts";
import { type TokenSummary, tokenLength } from "./token-length.ts";

export interface CheckOptions extends Omit<RunChecksOptions, "report"> {
  /** Opens the pictures. @default true */
  media?: boolean;
  /** Folder that the pictures' paths start from. @default that of each file */
  imagesDir?: string;
  /** Permits pictures outside that folder. @default false */
  trust?: boolean;
  /** Reads pictures behind URLs. @default false */
  fetchUrls?: boolean;
  /** Pictures with more pixels are not decoded. @default 40e6 */
  maxPixels?: number;
  /** The trainer's limit, which the rows' lengths in tokens are checked against. @default lengths are not checked */
  maxTokens?: number;
  /** Tokens that a picture becomes. @default 576 */
  imageTokens?: number;
  /** Model folder whose tokenizer counts. @default words and marks, which are fewer than most tokenizers make */
  tokenizer?: string;
  /** Likeness from which two rows are near-duplicates, 0.5 to 1. @default they are not looked for */
  nearDuplicates?: number;
  /** Evaluation sets whose rows must not be in the data. @default none */
  against?: readonly string[];
}

/** What the checks found. */
export interface CheckReport extends CheckResult {
  histograms: Histograms;
  /** Lengths in tokens, when `maxTokens` is given. */
  tokens?: TokenSummary;
}

/**
 * Checks instruction data: files, folders and names of datasets.
 * @throws InputError when something cannot be read at all; what is wrong with rows is in the report
 */
export async function check(data: readonly string[], options: CheckOptions = {}): Promise<CheckReport> {
  const { media = true, imagesDir, trust, fetchUrls, maxPixels, ...others } = options;
  const { maxTokens, imageTokens = 576, tokenizer, nearDuplicates: threshold, against, ...running } = others;
  const pictures = { imagesDir, allowOutside: trust, fetchUrls, signal: options.signal };
  const structure = structurePass();
  const passes: CheckPass[] = [structure];
  if (media) passes.push({ name: "media", checks: [mediaCheck({ ...pictures, maxPixels })] });
  let lengths: ReturnType<typeof tokenLength> | undefined;
  if (maxTokens !== undefined) {
    const countTokens = tokenizer === undefined ? wordsAndMarks : await readTokenCounter(tokenizer);
    lengths = tokenLength({ maxTokens, tokensPerImage: imageTokens, countTokens });
    passes.push({ name: "tokens", checks: [lengths] });
  }
  if (threshold !== undefined)
    passes.push({ name: "near-duplicates", checks: [nearDuplicates({ threshold })] });
  if (against !== undefined && against.length > 0) {
    const contamination = await contaminationCheck(against, { ...pictures, pictures: media });
    passes.push({ name: "contamination", checks: [contamination] });
  }
  const result = await runChecks(data, passes, running);
  return {
    ...result,
    histograms: structure.histograms(),
    ...(lengths && { tokens: lengths.result() }),
  };
}

function wordsAndMarks(text: string): number {
  return text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0;
}
