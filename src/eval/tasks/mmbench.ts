// MMBench: CircularEval asks a question with N options N times, the options shifted by one each time, and it counts only
// when all N answers are right; VanillaEval is the pass with the options as they stand. A question of which passes are
// missing (the run was stopped) is left out of CircularEval, because fewer passes are easier.
import type { Sample } from "../../spec/index.ts";
import { circularGroups, circularPasses } from "../metrics/circular.ts";
import { extractChoice, optionLetter } from "../metrics/multiple-choice.ts";
import { extraText, meanFigures } from "./row-figures.ts";
import type { Figure, Task, TaskRow } from "./task.ts";

/** Makes the task of MMBench. */
export function mmbenchTask(): Task {
  return {
    name: "mmbench",
    scorer: {
      name: "mmbench",
      score(prediction, sample) {
        const { letter, by } = extractChoice(prediction, sample.choices ?? []);
        const score = Number(letter === extraText(sample, "answer"));
        return { score, answer: letter, ...(letter === "Z" ? { reason: `names no option (${by})` } : {}) };
      },
    },
    expand: passesOf,
    figures(rows) {
      const whole = wholeGroups(rows);
      const first = rows.filter(({ sample }) => Number(sample.extra?.pass ?? 0) === 0);
      const questions = new Set(rows.map(({ sample }) => questionOf(sample))).size;
      const figures = [
        ...meanFigures("CircularEval", whole, () => "").map(({ name, value }) => ({ name, value })),
        ...meanFigures("VanillaEval", first, () => "").map(({ name, value }) => ({ name, value })),
      ];
      const left: Figure[] = whole.length === questions ? [] : [asked(whole.length / questions)];
      return [
        ...figures,
        ...left,
        ...meanFigures("CircularEval", whole, ({ extra }) => extra?.ability as string | undefined),
        ...meanFigures("CircularEval", whole, ({ type }) => type),
      ];
    },
  };
}

function asked(value: number): Figure {
  return { name: "questions with all passes", value };
}

/** The N passes of a question. The picture and so the group stay the same. */
function passesOf(sample: Sample): Sample[] {
  const { id, choices = [], extra } = sample;
  const answer = extraText(sample, "answer").charCodeAt(0) - 65;
  return circularPasses(choices, answer).map((pass, shift) => ({
    ...sample,
    id: shift === 0 ? id : `${id} shift ${shift}`,
    choices: pass.options,
    extra: { ...extra, question: id, pass: shift, answer: optionLetter(pass.answer) },
  }));
}

/** One row for each question that has all of its passes: the first pass, scored by all of them. */
function wholeGroups(rows: readonly TaskRow[]): TaskRow[] {
  const first = new Map<string, TaskRow>();
  for (const row of rows) {
    const known = first.get(questionOf(row.sample));
    if (!known || passOf(row.sample) < passOf(known.sample)) first.set(questionOf(row.sample), row);
  }
  const passes = rows.map(({ sample, score }) => ({ group: questionOf(sample), isRight: score === 1 }));
  return circularGroups(passes).flatMap((group) => {
    const row = first.get(group.group)!;
    const isWhole = group.passes === row.sample.choices?.length;
    return isWhole ? [{ ...row, score: Number(group.isRight) }] : [];
  });
}

function questionOf({ id, extra }: Sample): string {
  return typeof extra?.question === "string" ? extra.question : id;
}

function passOf({ extra }: Sample): number {
  return typeof extra?.pass === "number" ? extra.pass : 0;
}
