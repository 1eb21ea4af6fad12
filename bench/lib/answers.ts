// Answers of a model to a dataset, each with what was asked and whether it is right.
import {
  createImageLoader,
  createScorer,
  modelColumn,
  parseTechnique,
  runCompare,
} from "../../src/eval/index.ts";
import { resolveModel } from "../../src/model/index.ts";
import type { Sample } from "../../src/spec/index.ts";

export interface Answered {
  sample: Sample;
  text: string;
  score: number;
}

/** Asks all samples by a technique's spec. */
export async function answersOf(
  model: string,
  technique: string,
  { samples, baseDir }: { samples: readonly Sample[]; baseDir: string },
): Promise<Answered[]> {
  const column = modelColumn({
    ...{ name: technique, technique, modelName: model },
    model: parseTechnique(technique).technique(await resolveModel(model)),
    loadImage: createImageLoader({ baseDir }),
    ...{ seed: 0, timeoutMs: 60_000, concurrency: 4, maxOutputTokens: 64 },
  });
  const { columns } = await runCompare(
    { samples: [...samples], columns: [column] },
    { scorer: createScorer() },
  );
  return columns[0]!.rows.map(({ text = "", score, seq }) => ({ sample: samples[seq]!, text, score }));
}

/** The first `n` samples of each type, in the order of the dataset. */
export function firstOfEach(samples: readonly Sample[], n: number): Sample[] {
  const seen = new Map<string, number>();
  return samples.filter(({ type = "" }) => {
    const count = (seen.get(type) ?? 0) + 1;
    seen.set(type, count);
    return count <= n;
  });
}
