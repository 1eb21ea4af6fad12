// CHAIR over a file of captions: `objects` are the labels of the picture, `answers` its reference captions if there are.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { createRng } from "../../util/rng.ts";
import {
  type ChairItem,
  chairFigures,
  chairItem,
  objectOf,
  objectVocabulary,
  parseSynonymLines,
  type Synonyms,
  vocabularyFor,
} from "../metrics/chair.ts";
import { type Interval, quantile } from "../statistics.ts";
import { defineMetric, lineShape, type Metric, textField } from "./metric.ts";

const line = z.object({
  ...lineShape,
  answers: lineShape.answers.optional(),
  objects: z.array(textField, "must be the names of what is in the picture"),
});

const resamples = 1000;

/** Makes the metric; without synonyms the words are COCO's where all objects are, else those that the file gives. */
export function chairMetric(synonyms?: Synonyms): Metric {
  const given = synonyms && objectVocabulary(synonyms);
  return defineMetric({
    description:
      "CHAIR of captions, lower is better: the share of named objects that are not there; objects: what is there",
    schema: line,
    check({ objects }) {
      const strange = given && objects.find((object) => objectOf(object, given) === undefined);
      return strange === undefined
        ? undefined
        : `objects: must be in the synonyms, got ${JSON.stringify(strange)}`;
    },
    judge(lines) {
      const vocabulary = given ?? vocabularyFor(lines.flatMap(({ objects }) => objects));
      return lines.map(({ prediction, objects, answers = [] }) => {
        const detail = chairItem(prediction, { labels: objects, references: answers }, vocabulary);
        const { mentioned, hallucinated } = detail;
        return { score: chairFigures([detail]).chairI, fields: { mentioned, hallucinated }, detail };
      });
    },
    summarise(judgements) {
      const items = judgements.map(({ detail }) => detail);
      const figures = chairFigures(items);
      return { score: figures.chairI, interval: interval(items), n: items.length, ...figures };
    },
  });
}

/** A ratio of sums has no simple interval; this one comes from resampling captions. */
function interval(items: readonly ChairItem[]): Interval | null {
  if (items.length < 2) return null;
  const rng = createRng("chair interval");
  const values = Array.from({ length: resamples }, () => {
    let mentions = 0;
    let wrong = 0;
    for (let i = 0; i < items.length; i++) {
      const { mentioned, hallucinated } = items[rng.int(items.length)]!;
      mentions += mentioned.length;
      wrong += hallucinated.length;
    }
    return mentions === 0 ? 0 : wrong / mentions;
  });
  return [quantile(values, 0.025)!, quantile(values, 0.975)!];
}

const synonymsSchema = z.record(
  z.string().trim().min(1),
  z.array(z.string().trim().min(1)),
  'must be an object such as {"dog": ["puppy"]}',
);

/** Reads a table of synonyms: JSON `{ object: [words] }`, or text with one object a line as CHAIR's own list. */
export async function readSynonyms(file: string): Promise<Synonyms> {
  const refuse = (rule: string, cause?: unknown) => new InputError({ where: `"${file}"`, rule, cause });
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === "ENOENT" ? "does not exist" : "must be a readable file", error);
  });
  if (!text.trimStart().startsWith("{")) return parseSynonymLines(text);
  try {
    return synonymsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw refuse('must be JSON such as {"dog": ["puppy"]}, or lines such as "dog, puppy"', error);
  }
}
