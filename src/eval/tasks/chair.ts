// CHAIR on a person's own annotated pictures (sightline data chair). What counts as an object is decided by all pictures
// of the dataset together, so the task is made for a dataset. A single caption's score is the share of the objects it
// names that are there; the figures are the usual ones, of which CHAIRi and CHAIRs are better when lower.
import { z } from "zod";
import type { Samples } from "../../data/formats/index.ts";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { chairFigures, chairItem, vocabularyFor } from "../metrics/chair.ts";
import type { Figure, Task } from "./task.ts";

const objectsSchema = z.array(z.string().min(1));

/** Makes the task for the samples of a dataset. */
export async function chairTask(samples: Samples): Promise<Task> {
  const objects = new Set<string>();
  for await (const sample of samples) for (const name of objectsOf(sample)) objects.add(name);
  const vocabulary = vocabularyFor(objects);
  const judge = (caption: string, sample: Sample) =>
    chairItem(caption, { labels: objectsOf(sample), references: [] }, vocabulary);
  return {
    name: "chair",
    scorer: {
      name: "chair",
      score(prediction, sample) {
        const item = judge(prediction, sample);
        const wrong = [...new Set(item.hallucinated)];
        return {
          score: 1 - chairFigures([item]).chairI,
          answer: item.mentioned.join(", "),
          ...(wrong.length > 0 ? { reason: `not there: ${wrong.join(", ")}` } : {}),
        };
      },
    },
    figures(rows) {
      // A caption that failed names nothing: it must not make CHAIR better, but its objects are not covered.
      const answered = rows.flatMap(({ sample, text }) => (text === undefined ? [] : [judge(text, sample)]));
      const { chairI, chairS, meanLength } = chairFigures(answered);
      const { recall } = chairFigures(rows.map(({ sample, text = "" }) => judge(text, sample)));
      const named = { CHAIRi: chairI, CHAIRs: chairS, recall, "mean length": meanLength };
      return Object.entries(named).map(([name, value]): Figure => ({ name, value }));
    },
  };
}

function objectsOf(sample: Sample): string[] {
  const result = objectsSchema.safeParse(sample.extra?.objects);
  if (result.success) return result.data;
  throw new InputError({
    where: `sample "${sample.id}", extra.objects`,
    rule: "must be the names of what is in the picture",
    got: JSON.stringify(sample.extra?.objects),
  });
}
