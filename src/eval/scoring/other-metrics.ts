// Boxes, tool traces and the form of answers.
import { z } from "zod";
import { constraintSchema, formatCompliance } from "../metrics/format-compliance.ts";
import { gpt4Tools } from "../metrics/gpt4tools.ts";
import { type Corners, iou, parseBox, toCorners } from "../metrics/iou.ts";
import { defineMetric, lineShape, mean, meanFigures, textField } from "./metric.ts";

const numbers = z.array(z.number());
const box = z.union([numbers, textField], "must be four numbers, as a list or in a text");
const boxes = z.union(
  [z.array(box).min(1), textField.transform((one) => [one])],
  "must be a box or a list of boxes",
);

/** A list of four numbers is one box, not four texts. */
const boxAnswers = z.preprocess(
  (value) => (Array.isArray(value) && value.every((part) => typeof part === "number") ? [value] : value),
  boxes,
);

const boxLine = z
  .object({
    ...lineShape,
    prediction: box,
    answers: boxAnswers,
    box: z.enum(["xyxy", "xywh"]).default("xyxy"),
    answerBox: z.enum(["xyxy", "xywh"]).optional(),
  })
  .transform(({ prediction, answers, box, answerBox = box, ...line }) => ({
    ...line,
    prediction: JSON.stringify(prediction),
    given: cornersOf(prediction, box),
    expected: answers.map((answer) => cornersOf(answer, answerBox)),
  }));

function cornersOf(value: string | number[], form: "xyxy" | "xywh"): Corners | undefined {
  return typeof value === "string" ? parseBox(value, form) : toCorners(value, form);
}

export const iouMetric = defineMetric({
  description:
    "a box with IoU >= 0.5 (RefCOCO); prediction and answers: [x1, y1, x2, y2], or box (answerBox): xywh for [x, y, w, h]",
  schema: boxLine,
  check: ({ expected }) =>
    expected.every((corners) => corners && corners[2] > corners[0] && corners[3] > corners[1])
      ? undefined
      : "answers: must be boxes of four numbers with an area (box says whether xyxy or xywh)",
  judge: (lines) =>
    lines.map(({ given, expected }) => {
      const overlap = given ? Math.max(...expected.map((corners) => iou(given, corners!))) : 0;
      return { score: Number(overlap >= 0.5), fields: { iou: overlap }, detail: overlap };
    }),
  summarise: (judgements) => ({
    ...meanFigures(judgements.map(({ score }) => score)),
    meanIou: mean(judgements.map(({ detail }) => detail)),
  }),
});

export const gpt4ToolsMetric = defineMetric({
  description: "success rates of GPT4Tools; prediction and answers: traces",
  schema: z.object(lineShape),
  check({ answers: [trace, ...others] }) {
    if (others.length > 0) return `answers: must be one trace, got ${others.length + 1}`;
    const actions = trace!.match(/Action: /g)?.length ?? 0;
    const inputs = trace!.match(/Action Input: /g)?.length ?? 0;
    if (actions === inputs || !trace!.includes("Action Input:")) return undefined;
    return `answers: must have one "Action Input: " for each "Action: ", got ${inputs} and ${actions}`;
  },
  judge: (lines) =>
    lines.map(({ prediction, answers }) => {
      const detail = gpt4Tools(prediction, answers[0]!);
      return { score: detail.success, fields: { ...detail }, detail };
    }),
  summarise(judgements) {
    const rate = (of: "thought" | "action" | "args") => mean(judgements.map(({ detail }) => detail[of]));
    return {
      ...meanFigures(judgements.map(({ score }) => score)),
      ...{ thought: rate("thought"), action: rate("action"), args: rate("args") },
    };
  },
});

const { answers: _, ...withoutAnswers } = lineShape;

export const formatMetric = defineMetric({
  description:
    "does the answer have the form asked for (IFEval); constraints: the demands, no answers needed",
  schema: z.object({ ...withoutAnswers, constraints: z.array(constraintSchema).min(1) }),
  judge: (lines) =>
    lines.map(({ prediction, constraints }) => {
      const detail = formatCompliance(prediction, constraints);
      return { score: Number(detail.strict.every(Boolean)), fields: { ...detail }, detail };
    }),
  summarise(judgements) {
    const details = judgements.map(({ detail }) => detail);
    const share = (values: readonly boolean[]) => mean(values.map(Number));
    return {
      ...meanFigures(judgements.map(({ score }) => score)),
      loose: share(details.map(({ loose }) => loose.every(Boolean))),
      strictByConstraint: share(details.flatMap(({ strict }) => strict)),
      looseByConstraint: share(details.flatMap(({ loose }) => loose)),
    };
  },
});
