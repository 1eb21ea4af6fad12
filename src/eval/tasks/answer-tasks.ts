// Benchmarks with short answers: VQAv2, TextVQA, DocVQA and ChartQA.
import type { Sample } from "../../spec/index.ts";
import { anls } from "../metrics/anls.ts";
import { isRelaxedMatch } from "../metrics/relaxed.ts";
import { normaliseTextVqa, textVqaAccuracy } from "../metrics/text-vqa.ts";
import { vqaAccuracy, vqaComparison } from "../metrics/vqa-accuracy.ts";
import { references } from "../references.ts";
import { meanFigure, meanFigures } from "./row-figures.ts";
import type { Figure, Task, TaskRow } from "./task.ts";

const present = (figure: Figure | undefined): figure is Figure => figure !== undefined;

/** Makes the task of VQAv2: VQA accuracy, by type of answer and by type of question. */
export function vqaTask(): Task {
  return {
    name: "vqa",
    scorer: {
      name: "vqa",
      score: (prediction, sample) => ({
        score: vqaAccuracy(prediction, references(sample)),
        answer: vqaComparison(prediction, references(sample)).prediction,
      }),
    },
    figures: (rows) => [
      ...[meanFigure("VQA accuracy", rows)].filter(present),
      ...meanFigures("VQA accuracy", rows, ({ type }) => type),
      ...meanFigures("VQA accuracy", rows, questionType),
    ],
  };
}

function questionType({ extra }: Sample): string | undefined {
  return typeof extra?.question_type === "string" ? `question: ${extra.question_type}` : undefined;
}

/** Makes the task of TextVQA: VQA accuracy by its own normalisation. */
export function textVqaTask(): Task {
  return {
    name: "text-vqa",
    scorer: {
      name: "text-vqa",
      score: (prediction, sample) => ({
        score: textVqaAccuracy(prediction, references(sample)),
        answer: normaliseTextVqa(prediction),
      }),
    },
    figures: (rows) => [meanFigure("VQA accuracy", rows)].filter(present),
  };
}

/** Makes the task of DocVQA: ANLS, and for each question type over the questions that have it. */
export function docVqaTask(): Task {
  return {
    name: "doc-vqa",
    scorer: {
      name: "anls",
      score: (prediction, sample) => ({ score: anls(prediction, references(sample)) }),
    },
    figures(rows) {
      const types = new Set(rows.flatMap(({ sample }) => typesOf(sample)));
      const having = (type: string) => rows.filter(({ sample }) => typesOf(sample).includes(type));
      return [
        meanFigure("ANLS", rows),
        ...[...types].map((type) => meanFigure("ANLS", having(type), type)),
      ].filter(present);
    },
  };
}

function typesOf({ extra }: Sample): string[] {
  return Array.isArray(extra?.question_types) ? extra.question_types.map(String) : [];
}

/** Makes the task of ChartQA: the mean of the human and the augmented half, whatever their sizes. */
export function chartQaTask(): Task {
  return {
    name: "chart-qa",
    scorer: {
      name: "relaxed",
      score: (prediction, sample) => ({ score: Number(isRelaxedMatch(prediction, references(sample))) }),
    },
    figures(rows) {
      const half = (type: string) => meanFigure("relaxed accuracy", rows.filter(isOf(type)), type);
      const halves = [half("human"), half("augmented")].filter(present);
      const mean = halves.reduce((sum, { value }) => sum + value, 0) / 2;
      return [...(halves.length === 2 ? [{ name: "relaxed accuracy", value: mean }] : []), ...halves];
    },
  };
}

function isOf(type: string) {
  return ({ sample }: TaskRow) => sample.type === type;
}
