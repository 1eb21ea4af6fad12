// Metrics of short answers and of multiple choice, line by line.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { chosenOption } from "../../util/chosen-option.ts";
import { normaliseAnswer } from "../../util/normalise-answer.ts";
import { anls } from "../metrics/anls.ts";
import { circularGroups } from "../metrics/circular.ts";
import { isExactMatch } from "../metrics/exact.ts";
import { extractChoice, optionLetter } from "../metrics/multiple-choice.ts";
import { isNumericMatch, numberIn } from "../metrics/numeric.ts";
import { isRelaxedMatch } from "../metrics/relaxed.ts";
import { extractScienceQa } from "../metrics/science-qa.ts";
import { normaliseTextVqa, textVqaAccuracy } from "../metrics/text-vqa.ts";
import { vqaAccuracy, vqaComparison } from "../metrics/vqa-accuracy.ts";
import { defineMetric, type Judgement, lineShape, type Metric, meanFigures, textField } from "./metric.ts";

const answerLine = z.object(lineShape);
type AnswerLine = z.infer<typeof answerLine>;

const tolerance = z.number().min(0).optional();
const tolerantLine = z.object({ ...lineShape, tolerance });

const choiceShape = { ...lineShape, choices: z.array(textField, "must be a list of options").min(2).max(25) };
const choiceLine = z.object(choiceShape);
const groupLine = z.object({ ...choiceShape, group: textField });
type ChoiceLine = z.infer<typeof choiceLine>;

const scoresOf = (judgements: readonly Judgement<unknown>[]) =>
  meanFigures(judgements.map(({ score }) => score));

function answerMetric<Line extends AnswerLine>(
  description: string,
  schema: z.ZodType<Line>,
  judgeLine: (line: Line) => Omit<Judgement<undefined>, "detail">,
  check?: (line: Line) => string | undefined,
): Metric {
  const judge = (lines: readonly Line[]) => lines.map((line) => ({ ...judgeLine(line), detail: undefined }));
  return defineMetric({ description, schema, check, judge, summarise: scoresOf });
}

export const exactMetric = answerMetric(
  "exact match after normalisation (case, articles, final full stop, number words)",
  answerLine,
  ({ prediction, answers }) => ({
    score: Number(isExactMatch(prediction, answers)),
    fields: { answer: normaliseAnswer(prediction) },
  }),
);

const ofAllPeople = ({ answers }: AnswerLine) =>
  answers.length < 2 ? "answers: must hold the answers of all people asked (VQA has ten), got 1" : undefined;

export const vqaMetric = answerMetric(
  "VQA accuracy; answers: those of all people asked, usually ten",
  answerLine,
  ({ prediction, answers }) => ({
    score: vqaAccuracy(prediction, answers),
    fields: { answer: vqaComparison(prediction, answers).prediction },
  }),
  ofAllPeople,
);

export const textVqaMetric = answerMetric(
  "VQA accuracy with TextVQA's own normalisation; answers: those of all people asked, usually ten",
  answerLine,
  ({ prediction, answers }) => ({
    score: textVqaAccuracy(prediction, answers),
    fields: { answer: normaliseTextVqa(prediction) },
  }),
  ofAllPeople,
);

export const anlsMetric = answerMetric(
  "ANLS of DocVQA, 0 where half of the characters differ",
  answerLine,
  ({ prediction, answers }) => ({ score: anls(prediction, answers) }),
);

export const relaxedMetric = answerMetric(
  "relaxed accuracy of ChartQA; tolerance: 0.05 unless given",
  tolerantLine,
  (line) => ({ score: Number(isRelaxedMatch(line.prediction, line.answers, line.tolerance)) }),
);

export const numericMetric = answerMetric(
  "the number in the answer; tolerance: share of the expected number, 0 unless given",
  tolerantLine,
  (line) => ({
    score: Number(isNumericMatch(line.prediction, line.answers, line.tolerance)),
    fields: { answer: numberIn(line.prediction) ?? null },
  }),
  ({ answers }) => {
    const wrong = answers.find((answer) => numberIn(answer) === undefined);
    return wrong === undefined ? undefined : `answers: must be numbers, got ${JSON.stringify(wrong)}`;
  },
);

export const multipleChoiceMetric = answerMetric(
  "the option that the answer names, by VLMEvalKit's rules; choices: the options",
  choiceLine,
  judgeChoice,
  checkChoice,
);

export const scienceQaMetric = answerMetric(
  "the option that the answer names, by LLaVA's rules for ScienceQA; choices: the options",
  choiceLine,
  ({ prediction, answers, choices }) => {
    const letter = extractScienceQa(prediction, choices.length);
    return {
      score: Number(expectedLetters(answers, choices).includes(letter)),
      fields: { answer: letter ?? null },
    };
  },
  checkChoice,
);

export const mmbenchMetric = defineMetric({
  description:
    "CircularEval of MMBench: right only with the options in every order; choices: the options, group: the question",
  schema: groupLine,
  check: checkChoice,
  judge(lines) {
    for (const [group, { length, 0: first }] of Map.groupBy(lines, (line) => line.group)) {
      const options = first!.choices.length;
      if (length === options) continue;
      throw new InputError({
        where: `group "${group}"`,
        rule: `must have one line for each of its ${options} options`,
        got: String(length),
        hint: "A question that misses a pass would be easier than the others.",
      });
    }
    return lines.map((line) => ({ ...judgeChoice(line), detail: undefined }));
  },
  summarise(judgements, lines) {
    const passes = judgements.map(({ score }, i) => ({ group: lines[i]!.group, isRight: score === 1 }));
    const groups = circularGroups(passes);
    const vanilla = groups.filter(({ isFirstRight }) => isFirstRight).length / groups.length;
    return { ...meanFigures(groups.map(({ isRight }) => Number(isRight))), vanilla };
  },
});

function judgeChoice({ prediction, answers, choices }: ChoiceLine) {
  const { letter, by } = extractChoice(prediction, choices);
  return {
    score: Number(expectedLetters(answers, choices).includes(letter)),
    fields: { answer: letter, by },
  };
}

function checkChoice({ answers, choices }: ChoiceLine): string | undefined {
  const wrong = answers.find((answer) => chosenOption(answer, choices) === undefined);
  if (wrong === undefined) return undefined;
  return `answers: must be one of the choices or its letter, got ${JSON.stringify(wrong)}`;
}

function expectedLetters(answers: readonly string[], choices: readonly string[]): (string | undefined)[] {
  return answers.map((answer) => optionLetter(chosenOption(answer, choices)!));
}
