// Yes/no answers by the two rules that published numbers use, and the figures of both benchmarks.
// POPE (RUCAIBox/POPE, evaluate.py): up to the first full stop, less commas, split on single spaces; a word that is
// exactly No, no or not makes it no, everything else is yes. Traps: empty or rambling text counts as yes, and so do "NO",
// "no!" and "No" before a line end. Positive means yes.
// MME (the authors' eval_tool, calculation.py): lower case; exactly yes or no, else the first four characters: with "yes"
// in them it is yes, else with "no" in them no, else other, which is wrong. Traps: "not", "now" and "none" are no; "the
// answer is yes" is other. Precision and recall leave "other" out, accuracy does not.

/** What an answer was read as. */
export type YesNo = "yes" | "no" | "other";

/** Reads an answer by POPE's rule; never "other". */
export function parsePope(answer: string): "yes" | "no" {
  const words = answer.split(".")[0]!.replaceAll(",", "").split(" ");
  return words.includes("No") || words.includes("no") || words.includes("not") ? "no" : "yes";
}

/** Reads an answer by MME's rule. */
export function parseMme(answer: string): YesNo {
  const text = answer.toLowerCase();
  const start = text.slice(0, 4);
  if (start.includes("yes")) return "yes";
  return start.includes("no") ? "no" : "other";
}

/** Reads an answer by its only word of yes and no, anywhere and in any case; "other" with both or neither. */
export function onlyYesNo(answer: string): YesNo {
  const words = answer.toLowerCase().split(/[^\p{L}\p{N}']+/u);
  const hasYes = words.includes("yes");
  if (hasYes === words.includes("no")) return "other";
  return hasYes ? "yes" : "no";
}

/** One judged answer. */
export interface YesNoItem {
  given: YesNo;
  expected: "yes" | "no";
}

/** Figures over all answers, as fractions. A share of nothing is 0. */
export interface YesNoFigures {
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
  /** Share of all answers that were read as yes. */
  yesRatio: number;
  /** Share of all answers that were read as neither. */
  otherRatio: number;
}

/** Accuracy, precision, recall, F1 and yes ratio; the positive class is yes. */
export function yesNoFigures(items: readonly YesNoItem[]): YesNoFigures {
  const count = (given: YesNo, expected: "yes" | "no") =>
    items.filter((item) => item.given === given && item.expected === expected).length;
  const truePositives = count("yes", "yes");
  const falsePositives = count("yes", "no");
  const falseNegatives = count("no", "yes");
  const trueNegatives = count("no", "no");
  const precision = share(truePositives, truePositives + falsePositives);
  const recall = share(truePositives, truePositives + falseNegatives);
  return {
    accuracy: share(truePositives + trueNegatives, items.length),
    ...{ precision, recall, f1: share(2 * precision * recall, precision + recall) },
    yesRatio: share(truePositives + falsePositives, items.length),
    otherRatio: share(count("other", "yes") + count("other", "no"), items.length),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
