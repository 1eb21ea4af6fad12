// MME: acc, acc+ and their sum for each subtask, and the sums over perception and cognition. A sum over some of the
// subtasks is not comparable with published ones, so its name then says how many it has.
import { mmeScores, mmeSubtasks } from "../metrics/mme.ts";
import { parseMme, yesNoFigures } from "../metrics/yes-no.ts";
import { expectedYesNo } from "./row-figures.ts";
import type { Figure, Task } from "./task.ts";

/** Makes the task of MME. */
export function mmeTask(): Task {
  return {
    name: "mme",
    scorer: {
      name: "mme",
      score(prediction, sample) {
        const answer = parseMme(prediction);
        return { score: Number(answer === expectedYesNo(sample)), answer };
      },
    },
    figures(rows) {
      const scores = mmeScores(
        rows.map(({ sample, score }) => ({
          ...{ image: sample.group ?? sample.id, subtask: sample.type ?? "all", isRight: score === 1 },
        })),
      );
      const asked = Object.keys(scores.subtasks).map((name) => name.toLowerCase());
      const sums = (["perception", "cognition"] as const).flatMap((name): Figure[] => {
        const members: readonly string[] = mmeSubtasks[name];
        const count = members.filter((member) => asked.includes(member)).length;
        if (count === 0) return [];
        const part = count < members.length ? ` (${count} of ${members.length} subtasks)` : "";
        return [{ name: `${name}${part}`, value: scores[name] }];
      });
      const { yesRatio, otherRatio } = yesNoFigures(
        rows.map(({ sample, text }) => ({
          ...{ given: text === undefined ? "other" : parseMme(text), expected: expectedYesNo(sample) },
        })),
      );
      return [
        ...sums,
        { name: "yes ratio", value: yesRatio },
        { name: "neither yes nor no", value: otherRatio },
        ...Object.entries(scores.subtasks).flatMap(([type, { score, accuracy, accuracyPlus }]) => [
          { name: "score", value: score, type },
          { name: "acc", value: accuracy, type },
          { name: "acc+", value: accuracyPlus, type },
        ]),
      ];
    },
  };
}
