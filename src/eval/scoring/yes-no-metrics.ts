// POPE, MME and HallusionBench: answers that are yes or no.
import { z } from "zod";
import {
  type HallusionItem,
  hallusionFigures,
  isHallusionCorrect,
  labelYesNo,
} from "../metrics/hallusion-bench.ts";
import { hallusionDiagnosis } from "../metrics/hallusion-diagnosis.ts";
import { mmeScores } from "../metrics/mme.ts";
import { popeFigures } from "../metrics/pope.ts";
import { parseMme, parsePope, type YesNo, yesNoFigures } from "../metrics/yes-no.ts";
import { defineMetric, type Judgement, lineShape, meanFigures, textField } from "./metric.ts";

const expected = lineShape.answers.transform((answers, context) => {
  const answer = answers.length === 1 ? answers[0]!.trim().toLowerCase() : undefined;
  if (answer === "yes" || answer === "no") return answer;
  context.addIssue({ code: "custom", message: 'must be ["yes"] or ["no"]' });
  return z.NEVER;
});

const yesNoLine = z.object({ ...lineShape, answers: expected });
type YesNoLine = z.infer<typeof yesNoLine>;

const judgeBy = (parse: (answer: string) => YesNo) => (lines: readonly YesNoLine[]) =>
  lines.map((line): Judgement<YesNo> => {
    const given = parse(line.prediction);
    return { score: Number(given === line.answers), fields: { answer: given }, detail: given };
  });

function yesNoSummary(judgements: readonly Judgement<YesNo>[], lines: readonly YesNoLine[]) {
  return {
    ...meanFigures(judgements.map(({ score }) => score)),
    ...yesNoFigures(judgements.map(({ detail }, i) => ({ given: detail, expected: lines[i]!.answers }))),
  };
}

export const popeMetric = defineMetric({
  description:
    "yes or no by POPE's rule; split: the sampling (random, popular, adversarial), for the mean over them",
  schema: z.object({ ...lineShape, answers: expected, split: z.string().min(1).optional() }),
  judge: judgeBy(parsePope),
  summarise(judgements, lines) {
    const summary = yesNoSummary(judgements, lines);
    if (lines.some(({ split }) => split === undefined)) return summary;
    const { splits, mean } = popeFigures(
      judgements.map(({ detail }, i) => {
        const { split, answers } = lines[i]!;
        return { split: split!, given: detail, expected: answers };
      }),
    );
    return { ...summary, splits: Object.fromEntries(splits), splitMean: mean };
  },
});

export const mmeMetric = defineMetric({
  description: "yes or no by MME's rule; image: the picture, for acc+, type: the subtask",
  schema: z.object({ ...lineShape, answers: expected, image: textField.optional() }),
  judge: judgeBy(parseMme),
  summarise(judgements, lines) {
    const summary = yesNoSummary(judgements, lines);
    if (lines.some(({ image }) => image === undefined)) return summary;
    const items = judgements.map(({ score }, i) => {
      const { image, type } = lines[i]!;
      return { image: image!, subtask: type ?? "all", isRight: score === 1 };
    });
    const whole = mmeScores(
      items.map((item) => ({ ...item, image: `${item.subtask}/${item.image}`, subtask: "" })),
    );
    return { ...summary, accuracyPlus: whole.subtasks[""]!.accuracyPlus, ...mmeScores(items) };
  },
});

export const hallusionMetric = defineMetric({
  description:
    "HallusionBench, with why answers are wrong; category, subcategory, set_id, figure_id, question_id, visual_input, and label where a judge gave one",
  schema: z.object({
    ...lineShape,
    answers: expected,
    category: z.enum(["VD", "VS"]),
    subcategory: z.string(),
    ...{ set_id: textField, figure_id: textField, question_id: textField },
    visual_input: z.union([z.literal(["0", "1", "2"]), z.literal([0, 1, 2])], "must be 0, 1 or 2"),
    label: z.literal([0, 1, 2], "must be 0, 1 or 2").optional(),
  }),
  judge: (lines) =>
    lines.map((line) => {
      const detail: HallusionItem = {
        ...{ category: line.category, subcategory: line.subcategory, setId: line.set_id },
        ...{ figureId: line.figure_id, questionId: line.question_id, expected: line.answers },
        visualInput: Number(line.visual_input) as 0 | 1 | 2,
        label: line.label ?? labelYesNo(line.prediction, line.answers),
      };
      return { score: Number(isHallusionCorrect(detail)), fields: { label: detail.label }, detail };
    }),
  summarise(judgements) {
    const items = judgements.map(({ detail }) => detail);
    return {
      ...meanFigures(judgements.map(({ score }) => score)),
      ...hallusionFigures(items),
      diagnosis: hallusionDiagnosis(items),
    };
  },
});
