// ScienceQA: accuracy of all questions and of the groups that its table has: subjects (NAT natural, SOC social, LAN language
// science), context (TXT a hint, IMG a picture, NO neither; a question may have both), grades 1 to 6 and 7 to 12.
import type { Sample } from "../../spec/index.ts";
import { extractScienceQa } from "../metrics/science-qa.ts";
import { extraText, meanFigure } from "./row-figures.ts";
import type { Figure, Task } from "./task.ts";

const hasPicture = ({ input }: Sample) => input.some(({ type }) => type === "image");
const hasHint = ({ extra }: Sample) => extra?.hasHint === true;
const grade = (sample: Sample) => Number(extraText(sample, "grade"));

const groups: Record<string, (sample: Sample) => boolean> = {
  NAT: ({ type }) => type === "natural science",
  SOC: ({ type }) => type === "social science",
  LAN: ({ type }) => type === "language science",
  TXT: hasHint,
  IMG: hasPicture,
  NO: (sample) => !hasHint(sample) && !hasPicture(sample),
  "G1-6": (sample) => grade(sample) <= 6,
  "G7-12": (sample) => grade(sample) > 6,
};

/** Makes the task of ScienceQA. */
export function scienceQaTask(): Task {
  return {
    name: "science-qa",
    scorer: {
      name: "science-qa",
      score(prediction, sample) {
        const letter = extractScienceQa(prediction, sample.choices?.length ?? 0);
        const isRight = letter === extraText(sample, "answer");
        return { score: Number(isRight), ...(letter ? { answer: letter } : { reason: "names no option" }) };
      },
    },
    figures: (rows) =>
      [
        meanFigure("accuracy", rows),
        ...Object.entries(groups).map(([type, isIn]) =>
          meanFigure(
            "accuracy",
            rows.filter(({ sample }) => isIn(sample)),
            type,
          ),
        ),
      ].filter((figure): figure is Figure => figure !== undefined),
  };
}
