// The figures of POPE over its three samplings of absent objects: random, popular and adversarial. Each has its own
// accuracy, precision, recall, F1 and yes ratio, and papers report those and their mean, F1 first. Trap: the F1 of all
// questions together is not the mean of the three.
import { type YesNoFigures, type YesNoItem, yesNoFigures } from "./yes-no.ts";

/** Figures of every split in order of first appearance, and the mean of each figure over them. */
export function popeFigures(items: readonly (YesNoItem & { split: string })[]) {
  const splits = new Map(
    [...Map.groupBy(items, ({ split }) => split)].map(([split, members]) => [split, yesNoFigures(members)]),
  );
  const all = [...splits.values()];
  const mean = (of: keyof YesNoFigures) =>
    all.length === 0 ? 0 : all.reduce((sum, figures) => sum + figures[of], 0) / all.length;
  const means: YesNoFigures = {
    ...{ accuracy: mean("accuracy"), precision: mean("precision"), recall: mean("recall"), f1: mean("f1") },
    ...{ yesRatio: mean("yesRatio"), otherRatio: mean("otherRatio") },
  };
  return { splits, mean: means };
}
