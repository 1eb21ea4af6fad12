// The discriminative part of AMBER (junyangwang0410/AMBER, inference.py): accuracy over all questions, and precision,
// recall and F1 of the answer NO, because the questions are after hallucination. Traps: POPE's positive class is yes;
// and the official code takes exactly "Yes" and "No", to which people shorten answers first: here the only word of yes
// and no in the answer counts, and an answer with both or neither is wrong.
import { type YesNoFigures, type YesNoItem, yesNoFigures } from "./yes-no.ts";

const swapped = { yes: "no", no: "yes" } as const;

/** Accuracy, and precision, recall and F1 of "no"; `yesRatio` is the share of answers that were read as yes. */
export function amberFigures(items: readonly YesNoItem[]): YesNoFigures {
  const { accuracy, yesRatio, otherRatio } = yesNoFigures(items);
  // Recall is over all questions whose truth is no: an answer that says neither misses it as a yes does.
  const positives = items.map((item): YesNoItem => {
    return { given: item.given === "no" ? "yes" : "no", expected: swapped[item.expected] };
  });
  const { precision, recall, f1 } = yesNoFigures(positives);
  return { accuracy, precision, recall, f1, yesRatio, otherRatio };
}
