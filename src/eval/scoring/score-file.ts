// Scores a file of predictions made anywhere: JSON Lines of { id, prediction, answers, … }, one metric. Bad lines are
// reported together in one error, with file and line; nothing is scored unless every line can be.
import { parseJsonLines } from "../../data/formats/json-lines.ts";
import { readText } from "../../data/formats/read-file.ts";
import { RowProblems } from "../../data/formats/row-problems.ts";
import { issueText } from "../../data/schema/index.ts";
import { InputError } from "../../errors/index.ts";
import { nearest } from "../../util/text.ts";
import {
  anlsMetric,
  exactMetric,
  mmbenchMetric,
  multipleChoiceMetric,
  numericMetric,
  relaxedMetric,
  scienceQaMetric,
  textVqaMetric,
  vqaMetric,
} from "./answer-metrics.ts";
import { bleuMetric, ciderMetric, rougeLMetric } from "./caption-metrics.ts";
import { chairMetric, readSynonyms } from "./chair-metric.ts";
import type { Figures, Metric, ScoreLine } from "./metric.ts";
import { formatMetric, gpt4ToolsMetric, iouMetric } from "./other-metrics.ts";
import { hallusionMetric, mmeMetric, popeMetric } from "./yes-no-metrics.ts";

const metrics: Record<string, Metric> = {
  ...{ exact: exactMetric, vqa: vqaMetric, anls: anlsMetric, relaxed: relaxedMetric, numeric: numericMetric },
  ...{
    "text-vqa": textVqaMetric,
    "multiple-choice": multipleChoiceMetric,
    mmbench: mmbenchMetric,
    "science-qa": scienceQaMetric,
  },
  ...{ pope: popeMetric, mme: mmeMetric, "hallusion-bench": hallusionMetric },
  ...{ bleu: bleuMetric, "rouge-l": rougeLMetric, cider: ciderMetric, chair: chairMetric() },
  ...{ iou: iouMetric, gpt4tools: gpt4ToolsMetric, format: formatMetric },
};

/** Names of the metrics, each with one sentence about it. */
export const metricDescriptions: Record<string, string> = Object.fromEntries(
  Object.entries(metrics).map(([name, { description }]) => [name, description]),
);

/** One scored line. More fields depend on the metric: `answer`, `iou`, `label` and others. */
export interface ScoredItem {
  id: string;
  score: number;
  [more: string]: unknown;
}

/** The result of scoring a file. All values are fractions, except CIDEr-D, which is from 0 to 10. */
export interface ScoreOutput {
  metric: string;
  items: ScoredItem[];
  summary: Figures;
}

export interface ScoreFileOptions {
  /** File with other words for objects, for the metric "chair". */
  synonyms?: string | undefined;
}

/** Reads a file of predictions and scores it. */
export async function scoreFile(
  file: string,
  metricName: string,
  { synonyms }: ScoreFileOptions = {},
): Promise<ScoreOutput> {
  let metric = metricOf(metricName);
  if (synonyms !== undefined) {
    if (metricName !== "chair") {
      throw new InputError({ where: "synonyms", rule: "belong to the metric chair", got: `"${metricName}"` });
    }
    metric = chairMetric(await readSynonyms(synonyms));
  }
  const lines = readLines(await readPredictions(file), file, metric);
  const { judgements, summary } = metric.score(lines);
  const items = judgements.map(({ score, fields }, i) => ({ id: lines[i]!.id, score, ...fields }));
  return { metric: metricName, items, summary };
}

function metricOf(name: string): Metric {
  if (Object.hasOwn(metrics, name)) return metrics[name]!;
  const names = Object.keys(metrics);
  const slip = nearest(name, names);
  throw new InputError({
    where: "metric",
    rule: `must be one of ${names.join(", ")}`,
    got: `"${name}"`,
    hint: slip && `Did you mean ${slip}?`,
  });
}

async function readPredictions(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const rule = code === "ENOENT" ? "does not exist" : "must be a readable file";
    throw new InputError({
      where: `"${file}"`,
      rule,
      got: code === "ENOENT" ? undefined : code,
      cause: error,
    });
  }
}

function readLines(text: string, file: string, metric: Metric): ScoreLine[] {
  const problems = new RowProblems(file);
  const lines: ScoreLine[] = [];
  const lineOfId = new Map<string, number>();
  for (const { line, value } of parseJsonLines(text, problems)) {
    const result = metric.read(withAnswers(value as Record<string, unknown>));
    const problem = result.success ? metric.check(result.data) : issueText(result.error);
    if (problem !== undefined) {
      problems.add(line, problem);
      continue;
    }
    const { id } = result.data!;
    const first = lineOfId.get(id);
    if (first !== undefined) problems.add(line, `id: must be unique, but "${id}" is also on line ${first}`);
    lineOfId.set(id, first ?? line);
    lines.push(result.data!);
  }
  problems.throwIfAny();
  if (lines.length > 0) return lines;
  throw new InputError({ where: file, rule: "must hold at least one prediction", got: "none" });
}

/** `answer` stands for `answers` where only one is given. */
function withAnswers(value: Record<string, unknown>): Record<string, unknown> {
  return "answer" in value && !("answers" in value) ? { ...value, answers: value.answer } : value;
}
