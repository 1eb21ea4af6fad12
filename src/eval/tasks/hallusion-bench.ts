import type { Sample } from "../../spec/index.ts";
import {
  type HallusionItem,
  hallusionFigures,
  isHallusionCorrect,
  labelYesNo,
} from "../metrics/hallusion-bench.ts";
import { hallusionDiagnosis } from "../metrics/hallusion-diagnosis.ts";
import { expectedYesNo, extraText, meanFigures } from "./row-figures.ts";
import type { Task } from "./task.ts";

/** Makes the task of HallusionBench, labelled by the words yes and no in an answer instead of a judge. */
export function hallusionBenchTask(): Task {
  return {
    name: "hallusion-bench",
    scorer: {
      name: "hallusion-bench",
      score(prediction, sample) {
        const item = itemOf(sample, labelYesNo(prediction, expectedYesNo(sample)));
        return {
          score: Number(isHallusionCorrect(item)),
          answer: ["wrong", "right", "unclear"][item.label]!,
        };
      },
    },
    figures(rows) {
      const items = rows.map(({ sample, text }) =>
        itemOf(sample, text === undefined ? 0 : labelYesNo(text, expectedYesNo(sample))),
      );
      const figures = hallusionFigures(items);
      const { languageHallucination, visualIllusion, mixed } = hallusionDiagnosis(items);
      const named = {
        ...{ aAcc: figures.aAcc, fAcc: figures.fAcc, qAcc: figures.qAcc },
        ...{ "easy aAcc": figures.easyAcc, "hard aAcc": figures.hardAcc },
        ...{
          "yes percentage difference": figures.yesBias,
          "false positive ratio": figures.falsePositiveRatio,
        },
        ...{ "wrong by language hallucination": languageHallucination },
        ...{ "wrong by visual illusion": visualIllusion, "wrong, mixed": mixed },
      };
      return [
        ...Object.entries(named).map(([name, value]) => ({ name, value })),
        ...meanFigures("aAcc", rows, ({ type }) => type),
      ];
    },
  };
}

function itemOf(sample: Sample, label: 0 | 1 | 2): HallusionItem {
  return {
    category: extraText(sample, "category") as "VD" | "VS",
    subcategory: extraText(sample, "subcategory"),
    ...{ setId: extraText(sample, "set_id"), figureId: extraText(sample, "figure_id") },
    questionId: extraText(sample, "question_id"),
    visualInput: Number(extraText(sample, "visual_input")) as 0 | 1 | 2,
    ...{ label, expected: expectedYesNo(sample) },
  };
}
