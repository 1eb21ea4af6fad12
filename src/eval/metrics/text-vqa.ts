// The TextVQA variant of VQA accuracy (the evaluator of Pythia/MMF, m4c_evaluator.py in LLaVA). Two differences from
// vqa-accuracy.ts: every answer is normalised, also where all people wrote the same; and before VQA's normalisation the
// text is lower-cased, loses its commas and question marks, and gets a space before 's. Traps: so "1,000 t-shirts" is
// "1000 t shirts" here and "1000 tshirts" there, "that's" stays apart as "that 's", and "Yes" is right where all ten
// people wrote "yes".
import { agreement } from "./vqa-accuracy.ts";
import { normaliseVqa } from "./vqa-normalise.ts";

/** The score of one question, from 0 to 1, by the same leave-one-out as VQA accuracy. */
export function textVqaAccuracy(prediction: string, answers: readonly string[]): number {
  return agreement(normaliseTextVqa(prediction), answers.map(normaliseTextVqa));
}

/** The form in which answers are compared. */
export function normaliseTextVqa(text: string): string {
  return normaliseVqa(text.toLowerCase().replace(/[,?]/g, "").replaceAll("'s", " 's"));
}
