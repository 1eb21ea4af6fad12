import { amberFigures } from "../metrics/amber.ts";
import { onlyYesNo } from "../metrics/yes-no.ts";
import { expectedYesNo, yesNoList } from "./row-figures.ts";
import type { Task, TaskRow } from "./task.ts";

/** Makes the task of AMBER's discriminative part: F1 of "no" over all questions, and by what they ask after. */
export function amberTask(): Task {
  const figuresOf = (rows: readonly TaskRow[]) =>
    amberFigures(
      rows.map(({ sample, text }) => ({
        ...{ given: text === undefined ? "other" : onlyYesNo(text), expected: expectedYesNo(sample) },
      })),
    );
  return {
    name: "amber",
    scorer: {
      name: "amber",
      score(prediction, sample) {
        const answer = onlyYesNo(prediction);
        return { score: Number(answer === expectedYesNo(sample)), answer };
      },
    },
    figures: (rows) => [
      ...yesNoList(figuresOf(rows)),
      ...[...Map.groupBy(rows, ({ sample }) => partOf(sample.type))].flatMap(([type, members]) =>
        yesNoList(figuresOf(members), type),
      ),
    ],
  };
}

/** Existence, attribute or relation; the files call existence "hallucination" and divide attributes further. */
function partOf(type = "other"): string {
  return type === "hallucination" ? "existence" : type.split("-")[0]!;
}
