import type { InstructionFormat, RowValue } from "../row-view.ts";
import { anthropicFormat } from "./anthropic.ts";
import { llavaFormat } from "./llava.ts";
import { openaiFormat } from "./openai.ts";
import { sampleFormat } from "./sample.ts";
import { shortFormat } from "./short.ts";

/** Formats that are checked, in the order in which a row is tried on them. */
export const instructionFormats: readonly InstructionFormat[] = [
  sampleFormat,
  llavaFormat,
  anthropicFormat,
  openaiFormat,
  shortFormat,
];

/** The format that most of these rows look like; the first of them when none looks like any. */
export function detectFormat(rows: readonly RowValue[]): InstructionFormat {
  const votes = instructionFormats.map((format) => rows.filter((row) => format.matches(row)).length);
  return instructionFormats[votes.indexOf(Math.max(...votes))]!;
}
