import { popeFigures } from "../metrics/pope.ts";
import { parsePope } from "../metrics/yes-no.ts";
import { expectedYesNo, yesNoList } from "./row-figures.ts";
import type { Task } from "./task.ts";

/** Makes the task of POPE: the mean over the samplings, F1 first, then each sampling. */
export function popeTask(): Task {
  return {
    name: "pope",
    scorer: {
      name: "pope",
      score(prediction, sample) {
        const answer = parsePope(prediction);
        return { score: Number(answer === expectedYesNo(sample)), answer };
      },
    },
    figures(rows) {
      const { splits, mean } = popeFigures(
        rows.map(({ sample, text }) => {
          const expected = expectedYesNo(sample);
          // The rule knows no third answer, and reads an empty one as yes: a failed question counts as the wrong one.
          const wrong = expected === "yes" ? "no" : "yes";
          const given = text === undefined ? wrong : parsePope(text);
          return { given, expected, split: sample.type ?? "all" };
        }),
      );
      return [...yesNoList(mean), ...[...splits].flatMap(([type, figures]) => yesNoList(figures, type))];
    },
  };
}
