import type { Sample } from "../../spec/index.ts";
import { issueText, sampleSchema } from "../schema/index.ts";
import type { Row } from "./json-lines.ts";
import type { RowProblems } from "./row-problems.ts";

const fields = Object.keys(sampleSchema.shape);

/** Reads rows that are Samples already. */
export function samplesOfRows(rows: Row[], problems: RowProblems): { line: number; sample: Sample }[] {
  const samples: { line: number; sample: Sample }[] = [];
  for (const { line, value } of rows) {
    const result = sampleSchema.safeParse(value);
    if (result.success) samples.push({ line, sample: result.data });
    else problems.add(line, issueText(result.error, fields));
  }
  return samples;
}

/** Writes Samples as JSON Lines, one a line, the last line ended too. */
export function formatSampleJsonl(samples: readonly Sample[]): string {
  return samples.map((sample) => `${JSON.stringify(sample)}\n`).join("");
}
