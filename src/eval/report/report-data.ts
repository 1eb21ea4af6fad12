// What the gallery of the report shows: every question with its pictures, its reference and what each column made of
// it. A picture that several questions share is stored once, and large ones are reduced: the page must stay loadable.
import { thumbnail, toDataUrl } from "../../media/index.ts";
import type { MediaSource, Sample } from "../../spec/index.ts";
import type { LoadedImage } from "../image-loader.ts";
import { references } from "../references.ts";
import type { CompareRun } from "../run-compare.ts";
import { untyped } from "../summary.ts";

/** One column's answer in the report. */
export interface ReportAnswer {
  text: string;
  score: number;
  latencyMs?: number;
  reasoning?: string;
  reason?: string;
  error?: string;
}

export interface ReportQuestion {
  id: string;
  type: string;
  question: string;
  references: string[];
  choices?: string[];
  /** Positions in `pictures`. */
  pictures: number[];
  /** Why a picture is missing. */
  problem?: string;
  /** One per column; null when the column was not asked. */
  answers: (ReportAnswer | null)[];
}

export interface ReportData {
  columns: string[];
  /** Data URLs. */
  pictures: string[];
  questions: ReportQuestion[];
}

/** Collects the gallery of a run. */
export async function reportData(
  run: CompareRun,
  samples: readonly Sample[],
  loadImage: (image: MediaSource) => Promise<LoadedImage>,
): Promise<ReportData> {
  const pictures: string[] = [];
  const known = new Map<string, number>();
  const sources = new Set(
    samples.flatMap(({ input }) => input.map((part) => "source" in part && part.source)),
  );
  const size = sources.size > 300 ? { maxSide: 384, maxBytes: 30_000 } : { maxSide: 768, maxBytes: 100_000 };
  const add = async (image: MediaSource): Promise<number> => {
    const { bytes, hash } = await loadImage(image);
    const at = known.get(hash);
    if (at !== undefined) return at;
    const small = await thumbnail(bytes, size);
    known.set(hash, pictures.length);
    return pictures.push(toDataUrl(small.bytes, small.mediaType)) - 1;
  };
  const answers = run.columns.map(({ rows }) => new Map(rows.map((row) => [row.id, row])));
  const questions: ReportQuestion[] = [];
  for (const sample of samples) {
    const shown: number[] = [];
    let problem: string | undefined;
    for (const part of sample.input) {
      if (part.type !== "image") continue;
      await add(part).then(
        (at) => shown.push(at),
        (error: Error) => {
          problem = error.message;
        },
      );
    }
    questions.push({
      id: sample.id,
      type: sample.type ?? untyped,
      question: [
        ...sample.input.flatMap((part) => (part.type === "text" ? [part.text] : [])),
        sample.instruction,
      ].join("\n"),
      references: references(sample),
      ...(sample.choices ? { choices: sample.choices } : {}),
      pictures: shown,
      ...(problem ? { problem } : {}),
      answers: answers.map((rows) => {
        const row = rows.get(sample.id);
        if (!row) return null;
        const { text = "", score, latencyMs, reasoning, reason, error } = row;
        return { text, score, latencyMs, reasoning, reason, error };
      }),
    });
  }
  return { columns: run.columns.map(({ name }) => name), pictures, questions };
}
